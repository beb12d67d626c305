import { Registry } from "prom-client";
import type { Bus } from "../bus/bus.js";
import { connectBus } from "../bus/connect-bus.js";
import { CHAMPION, topologyOf, type Topology } from "../bus/topology.js";
import { ConfigError, readConfig } from "./config.js";
import { openHealthServer, type HealthServer } from "./health-server.js";
import { lanesOf } from "./lanes.js";
import { createLogger, type Logger } from "./logging.js";
import { runService, type ServiceScope } from "./run-service.js";
import { SETTINGS, type StreamgaugeConfig } from "./settings.js";

/** What a service that runs alone finds ready when it starts. */
export interface Worker extends ServiceScope {
  readonly config: StreamgaugeConfig;
  readonly log: Logger;
  readonly bus: Bus;
  readonly registry: Registry;
  /** Where it answers health checks. */
  readonly health: HealthServer;
}

/**
 * Runs one service as this process, over RabbitMQ: reads the configuration, answers health checks, waits for
 * RabbitMQ, and starts it. See `runService` for how it ends.
 *
 * @param start - opens what the service owns and wires it.
 * @param topology - what the service declares. Default: what the lanes of its settings need.
 */
export async function runWorker(name: string, start: (worker: Worker) => Promise<void>, topology?: Topology): Promise<void> {
  let log = createLogger(name, "info");
  await runService(
    () => log,
    async (scope) => {
      const config = readConfig(SETTINGS, process.env);
      if (config.AMQP_URL === "")
        throw new ConfigError(["AMQP_URL is not set: say where RabbitMQ is, for instance amqp://user:password@localhost:5672."]);
      log = createLogger(name, config.LOG_LEVEL);
      const registry = registryOf(config.LANE);
      let bus: Bus | undefined;
      const health = await openHealthServer({
        host: config.HTTP_HOST,
        port: config.HTTP_PORT,
        registry,
        ready: () => bus?.connected === true,
      });
      scope.own(health);
      log.info(`Health and metrics at ${health.url}.`);
      bus = scope.own(
        await connectBus({
          url: config.AMQP_URL,
          topology: topology ?? topologyOf(lanesOf(config)),
          name,
          log,
          signal: scope.signal,
        }),
      );
      await start({ ...scope, config, log, bus, registry, health });
    },
  );
}

/** Where a lane's metrics go; those of a lane beside the champion say so. */
export function registryOf(lane: string): Registry {
  const registry = new Registry();
  if (lane !== CHAMPION) registry.setDefaultLabels({ lane });
  return registry;
}
