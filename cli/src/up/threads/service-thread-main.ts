import { Writable } from "node:stream";
import { parentPort, workerData } from "node:worker_threads";
import {
  createLogger,
  mergedMetrics,
  partOf,
  PortBus,
  portedError,
  registryOf,
  type ServiceLink,
  type ServiceScope,
} from "@streamgauge/core";
import type { Metrics } from "@streamgauge/metrics";
import type { LaneProgress, ThreadedService, ThreadQuestion, ThreadReply, ThreadTask } from "./thread-messages.js";

/** What runs in a `ServiceThread`: one service, whose bus the main thread has. */
const { service, name, lane, config, bus }: ThreadTask = workerData;

function say(reply: ThreadReply): void {
  parentPort?.postMessage(reply);
}

/** How each service starts. @returns how far it is. */
const SERVICES: Readonly<Record<ThreadedService, (scope: ServiceScope, link: ServiceLink) => Promise<() => LaneProgress | undefined>>> = {
  metrics: async (scope, link) => {
    const metrics = await import("@streamgauge/metrics");
    const joined = await metrics.start(scope, config, link);
    return () => progressOf(joined);
  },
  plot: async (scope, link) => {
    const plot = await import("@streamgauge/plot");
    await plot.start(scope, config, link);
    return () => undefined;
  },
};

function progressOf({ state }: Metrics): LaneProgress | undefined {
  if (state === undefined) return undefined;
  const { balance, rooms, versions, log } = state;
  return {
    balance,
    waiting: { y_true: rooms.y_true.size, y_pred: rooms.y_pred.size },
    versions: versions.list(),
    logLength: log.length,
  };
}

const ending = new AbortController();
const scope = partOf({
  own: (thing) => thing,
  signal: ending.signal,
  stop: () => say({ is: "stop" }),
  fail: (error) => say({ is: "failed", error: portedError(error) }),
});
const lines = new Writable({
  decodeStrings: false,
  write: (line: string | Buffer, _encoding, done) => {
    say({ is: "line", line: String(line) });
    done();
  },
});
const log = createLogger(name, config.LOG_LEVEL, lines);
const registry = registryOf(lane);
const registries: Parameters<ServiceLink["health"]["addRegistry"]>[0][] = [registry];
const health: ServiceLink["health"] = {
  url: "",
  addRegistry: (more) => void registries.push(more),
  onPost: (path) => {
    throw new Error(`${name} cannot be asked for ${path}: it runs in a thread.`);
  },
  close: () => undefined,
};

async function answerTo(ask: ThreadQuestion["ask"], progress: () => LaneProgress | undefined) {
  if (ask === "metrics") return mergedMetrics(registries);
  if (ask === "progress") return progress();
  ending.abort();
  await scope.close();
  return undefined;
}

try {
  const link = { bus: scope.own(new PortBus(bus, log, config.AMQP_URL !== "")), log, registry, health, lane };
  const progress = await SERVICES[service](scope, link);
  parentPort?.on("message", ({ n, ask }: ThreadQuestion) => {
    answerTo(ask, progress).then(
      (value) => say({ is: "answer", n, value }),
      (error: unknown) => say({ is: "failed", n, error: portedError(error) }),
    );
  });
  say({ is: "started" });
} catch (error) {
  await Promise.resolve(scope.close()).catch(() => undefined);
  say({ is: "failed", error: portedError(error) });
}
