import { Registry } from "prom-client";
import type { Bus } from "../bus/bus.js";
import { connectBus } from "../bus/connect-bus.js";
import { CHAMPION } from "../lane-partition.js";
import { topologyOf, type Topology } from "../bus/topology.js";
import { ConfigError, readConfig, type Config, type Settings } from "./config.js";
import { openHealthServer, type HealthServer } from "./health-server.js";
import { lanesOf } from "./lanes.js";
import { createLogger, type Logger } from "../logging.js";
import { runService, type ServiceScope } from "./run-service.js";
import { COMMON_SETTINGS, type CommonConfig } from "./settings.js";
import { openTelemetry } from "../tracing/open-telemetry.js";
import { TracedBus } from "../tracing/traced-bus.js";
import type { Tracing } from "../tracing/tracing.js";

/** What connects a service to the others, and to monitoring. */
export interface ServiceLink {
  readonly bus: Bus;
  readonly log: Logger;
  /** Where its metrics go. */
  readonly registry: Registry;
  /** Where it answers health checks. */
  readonly health: HealthServer;
  /** The lane that it works for. */
  readonly lane: string;
  /** Records its operations; undefined: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  /** Of metrics: which partition of the lane, from 1. Default: 1. */
  readonly partition?: number;
}

/**
 * How every service starts: it opens what it needs and has `scope` close it. The same function runs in a process of its own, in `streamgauge up` and
 * in tests.
 */
export type StartService<S extends Settings, Running> = (
  scope: ServiceScope,
  config: CommonConfig & Config<S>,
  link: ServiceLink,
) => Promise<Running>;

/**
 * Runs one service as this process, over RabbitMQ: reads the configuration, answers health checks, waits for
 * RabbitMQ, and starts it. See `runService` for how it ends.
 *
 * @param settings - those that it reads beside the common ones.
 * @param topology - what the service declares. Default: what the lanes of its settings need.
 */
export async function runWorker<S extends Settings>(
  name: string,
  settings: S,
  start: StartService<S, unknown>,
  topology: (config: CommonConfig & Config<S>) => Topology = (config) => topologyOf(lanesOf(config), config.PARTITIONS),
): Promise<void> {
  let log = createLogger(name, "info");
  await runService(
    () => log,
    async (scope) => {
      const config = readConfig(COMMON_SETTINGS, process.env, settings);
      if (config.AMQP_URL === "")
        throw new ConfigError(["AMQP_URL is not set: say where RabbitMQ is, for instance amqp://user:password@localhost:5672."]);
      log = createLogger(name, config.LOG_LEVEL);
      const registry = registryOf(config.LANE);
      let bus: Bus | undefined;
      const health = await openHealthServer({
        host: config.HTTP_HOST,
        port: config.HTTP_PORT,
        registry,
        ready: () => bus?.isReading === true,
      });
      scope.own(health);
      log.info(`Health and metrics at ${health.url}.`);
      const telemetry = await openTelemetry({ service: name, lane: config.LANE, log, hasTraces: true, registry, config });
      if (telemetry !== undefined) scope.own(telemetry);
      const tracing = telemetry?.tracing;
      bus = scope.own(
        await connectBus({
          url: config.AMQP_URL,
          topology: topology(config),
          name,
          log,
          signal: scope.signal,
        }),
      );
      await start(scope, config, { bus: traced(bus, tracing), log, registry, health, lane: config.LANE, tracing });
    },
  );
}

/** The bus, traced if the service is. */
export function traced(bus: Bus, tracing: Tracing | undefined): Bus {
  return tracing === undefined ? bus : new TracedBus(bus, tracing);
}

/** Where a lane's metrics go; those of a lane beside the champion say so, and those of a partition. @param partition - its name, if there are several. */
export function registryOf(lane: string, partition?: string): Registry {
  const registry = new Registry();
  const labels = { ...(lane === CHAMPION ? {} : { lane }), ...(partition === undefined ? {} : { partition }) };
  if (Object.keys(labels).length > 0) registry.setDefaultLabels(labels);
  return registry;
}
