import {
  CHAMPION,
  connectBus,
  lanesOf,
  openHealthServer,
  registryOf,
  topologyOf,
  withGateway,
  type Bus,
  type HealthServer,
  type Logger,
  type ServiceLink,
  type ServiceScope,
} from "@streamgauge/core";
import type { Registry } from "prom-client";
import type { AllConfig } from "../settings.js";

/** Opens the links of all services of this process: one bus per service, one health server, metrics by lane. */
export class Links {
  readonly health: HealthServer;
  readonly #scope: ServiceScope;
  readonly #log: Logger;
  readonly #connect: (name: string) => Promise<Bus>;
  readonly #registries: ReadonlyMap<string, Registry>;
  readonly #buses: Bus[];

  private constructor(
    scope: ServiceScope,
    log: Logger,
    health: HealthServer,
    connect: (name: string) => Promise<Bus>,
    registries: ReadonlyMap<string, Registry>,
    buses: Bus[],
  ) {
    this.#scope = scope;
    this.#log = log;
    this.health = health;
    this.#connect = connect;
    this.#registries = registries;
    this.#buses = buses;
  }

  static async open(scope: ServiceScope, config: AllConfig, log: Logger): Promise<Links> {
    const registries = new Map(lanesOf(config).map((lane) => [lane, registryOf(lane)]));
    const champion = registries.get(CHAMPION) ?? registryOf(CHAMPION);
    const buses: Bus[] = [];
    const ready = () => buses.length > 0 && buses.every(({ connected }) => connected);
    const health = scope.own(await openHealthServer({ host: config.HTTP_HOST, port: config.HTTP_PORT, registry: champion, ready }));
    log.info(`Health and metrics at ${health.url}.`);
    for (const registry of registries.values()) if (registry !== champion) health.addRegistry(registry);
    return new Links(scope, log, health, connectorOf(config, scope, log), registries, buses);
  }

  /** The link of one service of one lane. */
  async link(service: string, lane: string = CHAMPION): Promise<ServiceLink> {
    const name = lane === CHAMPION ? service : `${service}.${lane}`;
    const bus = this.#scope.own(await this.#connect(name));
    this.#buses.push(bus);
    const registry = this.#registries.get(lane) ?? registryOf(lane);
    return { bus, log: this.#log.child({ name }), registry, health: this.health, lane };
  }
}

/** Connects each service by its own bus: over one broker in memory, or over RabbitMQ. */
function connectorOf(config: AllConfig, { signal }: ServiceScope, log: Logger): (name: string) => Promise<Bus> {
  const topology = withGateway(topologyOf(lanesOf(config)), CHAMPION);
  const url = config.AMQP_URL === "" ? "memory:up" : config.AMQP_URL;
  return (name) => connectBus({ url, topology, name, log: log.child({ name }), signal });
}
