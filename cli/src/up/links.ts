import {
  CHAMPION,
  connectBus,
  LanePartition,
  lanesOf,
  openHealthServer,
  openTelemetry,
  registryOf,
  traced,
  topologyOf,
  withGateway,
  type Bus,
  type Closable,
  type HealthServer,
  type Logger,
  type ServiceLink,
  type ServiceScope,
} from "@streamgauge/core";
import type { Worker } from "node:worker_threads";
import type { Registry } from "prom-client";
import type { AllConfig } from "../settings.js";
import { ServiceThread } from "./threads/service-thread.js";
import { loadService } from "./threads/service-worker.js";
import type { ThreadedService } from "./threads/thread-messages.js";

/** Those that handle rows in this thread. metrics is traced in its own. */
const TRACED_SERVICES: readonly string[] = ["features", "model", "gateway"];

export interface LinksOptions {
  readonly scope: ServiceScope;
  readonly config: AllConfig;
  readonly log: Logger;
  /** Where the log lines of threads go. */
  readonly write: (line: string) => void;
}

/** Opens the links of all services of this process: one bus per service, one health server, metrics by lane. */
export class Links {
  readonly health: HealthServer;
  readonly #scope: ServiceScope;
  readonly #log: Logger;
  readonly #connect: (name: string) => Promise<Bus>;
  readonly #registries: ReadonlyMap<string, Registry>;
  readonly #buses: Bus[];
  readonly #config: AllConfig;
  readonly #write: (line: string) => void;
  readonly #telemetry: Closable[] = [];

  private constructor(
    { scope, config, log, write }: LinksOptions,
    health: HealthServer,
    registries: ReadonlyMap<string, Registry>,
    buses: Bus[],
  ) {
    this.#scope = scope;
    this.#config = config;
    this.#log = log;
    this.#write = write;
    this.health = health;
    this.#connect = connectorOf(config, scope, log);
    this.#registries = registries;
    this.#buses = buses;
  }

  static async open(options: LinksOptions): Promise<Links> {
    const { scope, config, log } = options;
    const registries = new Map(lanesOf(config).map((lane) => [lane, registryOf(lane)]));
    const champion = registries.get(CHAMPION) ?? registryOf(CHAMPION);
    const buses: Bus[] = [];
    const ready = () => buses.length > 0 && buses.every(({ isReading }) => isReading);
    const health = scope.own(await openHealthServer({ host: config.HTTP_HOST, port: config.HTTP_PORT, registry: champion, ready }));
    log.info(`Health and metrics at ${health.url}.`);
    for (const registry of registries.values()) if (registry !== champion) health.addRegistry(registry);
    const links = new Links(options, health, registries, buses);
    // Sends what is left after all services are closed, of all at the same time.
    scope.own({ close: () => Promise.all(links.#telemetry.map(async (each) => each.close())).then(() => undefined) });
    for (const [lane, registry] of registries) await links.#openTelemetry("up", lane, { hasTraces: false, registry });
    return links;
  }

  /** Starts one service in a thread of its own. @throws what its start throws, with its name and message. */
  async thread(
    scope: ServiceScope,
    service: ThreadedService,
    link: ServiceLink,
    worker: Worker | Promise<Worker> = loadService(service),
  ): Promise<ServiceThread> {
    const name = nameOf(service, link.lane, link.partition === undefined ? undefined : this.#partition(link.lane, link.partition));
    return ServiceThread.start(scope, { worker: await worker, config: this.#config, link, name, write: this.#write });
  }

  #partition(lane: string, index: number): LanePartition {
    return new LanePartition(lane, index, this.#config.PARTITIONS);
  }

  /** The link of one service of one lane. One that runs in a thread is traced there. @param partition - of a lane with several. */
  async link(service: string, lane: string = CHAMPION, partition?: LanePartition): Promise<ServiceLink> {
    const name = nameOf(service, lane, partition);
    const bus = this.#scope.own(await this.#connect(name));
    this.#buses.push(bus);
    const registry = this.#registries.get(lane) ?? registryOf(lane);
    const isTraced = TRACED_SERVICES.includes(service);
    const tracing = isTraced ? await this.#openTelemetry(service, lane, { hasTraces: true, registry: undefined }) : undefined;
    const link = { bus: traced(bus, tracing), log: this.#log.child({ name }), registry, health: this.health, lane, tracing };
    return partition === undefined ? link : { ...link, partition: partition.index };
  }

  async #openTelemetry(service: string, lane: string, what: Pick<Parameters<typeof openTelemetry>[0], "hasTraces" | "registry">) {
    const telemetry = await openTelemetry({ service, lane, log: this.#log, config: this.#config, ...what });
    if (telemetry !== undefined) this.#telemetry.push(telemetry);
    return telemetry?.tracing;
  }
}

function nameOf(service: string, lane: string, partition?: LanePartition): string {
  if (partition !== undefined) return `${service}.${partition.name}`;
  return lane === CHAMPION ? service : `${service}.${lane}`;
}

/** Connects each service by its own bus: over one broker in memory, or over RabbitMQ. */
function connectorOf(config: AllConfig, { signal }: ServiceScope, log: Logger): (name: string) => Promise<Bus> {
  const topology = withGateway(topologyOf(lanesOf(config), config.PARTITIONS), CHAMPION, config.PARTITIONS);
  const url = config.AMQP_URL === "" ? "memory:up" : config.AMQP_URL;
  return (name) => connectBus({ url, topology, name, log: log.child({ name }), signal });
}
