import { Writable } from "node:stream";
import { parentPort, workerData } from "node:worker_threads";
import {
  createLogger,
  LanePartition,
  mergedMetrics,
  openTelemetry,
  partOf,
  PortBus,
  portedError,
  registryOf,
  traced,
  type ServiceLink,
  type ServiceScope,
} from "@streamgauge/core";
import type { Metrics } from "@streamgauge/metrics";
import type { AllConfig } from "../../settings.js";
import type { LaneProgress, ThreadedService, ThreadQuestion, ThreadReply, ThreadTask } from "./thread-messages.js";

/** What runs in a `ServiceThread`: it loads one service and starts it at its task. The main thread has its bus. */

/** Starts a service. @returns how far it is. */
type Start = (scope: ServiceScope, config: AllConfig, link: ServiceLink) => Promise<() => LaneProgress | undefined>;

const SERVICES: Readonly<Record<ThreadedService, () => Promise<Start>>> = {
  metrics: async () => {
    const { start, startSplitter } = await import("@streamgauge/metrics");
    return async (inner, config, link) => {
      const joined = await start(inner, config, link);
      if (config.PARTITIONS > 1) inner.own(await startSplitter({ ...link, partitions: config.PARTITIONS }));
      return () => progressOf(joined);
    };
  },
  plot: async () => {
    const { start } = await import("@streamgauge/plot");
    return async (...where) => {
      await start(...where);
      return () => undefined;
    };
  },
};

const service: ThreadedService = workerData;
const loading = SERVICES[service]();
// A failure is reported with the task; until then it must not be an unhandled rejection.
loading.catch(() => undefined);

const ending = new AbortController();
const scope = partOf({
  own: (thing) => thing,
  signal: ending.signal,
  stop: () => say({ is: "stop" }),
  fail: (error) => say({ is: "failed", error: portedError(error) }),
});
const registries: Parameters<ServiceLink["health"]["addRegistry"]>[0][] = [];
let running: Promise<() => LaneProgress | undefined> | undefined;

parentPort?.on("message", (message: ThreadTask | ThreadQuestion) => {
  if ("ask" in message) answer(message);
  else runTask(message);
});

function say(reply: ThreadReply): void {
  parentPort?.postMessage(reply);
}

function runTask(task: ThreadTask): void {
  running = Promise.all([loading, linkOf(task)]).then(([start, link]) => start(scope, task.config, link));
  running.then(
    () => say({ is: "started" }),
    async (error: unknown) => {
      await Promise.resolve(scope.close()).catch(() => undefined);
      say({ is: "failed", error: portedError(error) });
      parentPort?.close();
    },
  );
}

async function linkOf({ name, lane, partition, config, bus: port }: ThreadTask): Promise<ServiceLink> {
  const log = createLogger(name, config.LOG_LEVEL, lines());
  const registry = registryOf(lane, partition === undefined ? undefined : new LanePartition(lane, partition, config.PARTITIONS).name);
  registries.push(registry);
  const health: ServiceLink["health"] = {
    url: "",
    addRegistry: (more) => void registries.push(more),
    onPost: (path) => {
      throw new Error(`${name} cannot be asked for ${path}: it runs in a thread.`);
    },
    close: () => undefined,
  };
  // What can be said of the collector, the main thread says.
  const quiet = createLogger(name, "silent");
  const telemetry = await openTelemetry({ service, lane, log: quiet, hasTraces: service === "metrics", registry, config });
  if (telemetry !== undefined) scope.own(telemetry);
  const bus = traced(scope.own(new PortBus(port, log, config.AMQP_URL !== "")), telemetry?.tracing);
  const link = { bus, log, registry, health, lane, tracing: telemetry?.tracing };
  return partition === undefined ? link : { ...link, partition };
}

/** Where a log of this thread writes. */
function lines(): Writable {
  return new Writable({
    decodeStrings: false,
    write: (line: string | Buffer, _encoding, done) => {
      say({ is: "line", line: String(line) });
      done();
    },
  });
}

function answer({ n, ask }: ThreadQuestion): void {
  answerTo(ask).then(
    (value) => say({ is: "answer", n, value }),
    (error: unknown) => say({ is: "failed", n, error: portedError(error) }),
  );
}

async function answerTo(ask: ThreadQuestion["ask"]): Promise<string | LaneProgress | undefined> {
  const progress = await running;
  if (ask === "metrics") return mergedMetrics(registries);
  if (ask === "progress") return progress?.();
  ending.abort();
  await scope.close();
  return undefined;
}

function progressOf({ state }: Metrics): LaneProgress | undefined {
  if (state === undefined) return undefined;
  const { balance, rooms, versions, log } = state;
  return {
    balance,
    waiting: { y_true: rooms.y_true.size, y_pred: rooms.y_pred.size },
    versions: versions.list(),
    logLengths: [log.length],
  };
}
