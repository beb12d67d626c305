import { join } from "node:path";
import { connectBus, FEATURES, featuresContract, Ids, labelContract, LABELS, seededNumbers, topologyOf } from "@streamgauge/core";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { captureLog, freshVhost, until } from "../index.js";
import { temporaryFolder } from "../vitest/index.js";
import { compile } from "./harness/compile.js";
import { WrittenLog } from "./harness/metric-log.js";
import { numberedModel, placeModel } from "./harness/numbered-model.js";
import { tapPredictions, type PredictionTap } from "./harness/prediction-tap.js";
import { startService } from "./harness/program.js";

vi.setConfig({ testTimeout: 180_000 });
beforeAll(compile);

const NAMES = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
const ROWS = 10;

/** A pipeline whose model has no reference, and what comes of it. */
async function open() {
  const url = await freshVhost("first-reference");
  const folder = temporaryFolder();
  const [model, logs] = [join(folder, "m.onnx"), join(folder, "logs")];
  placeModel(model, numberedModel(1));
  const env = { AMQP_URL: url, LOGS_DIR: logs, MODEL_PATH: model, REFERENCE_ROWS: "100" };
  const { exchanges, queues } = topologyOf(["champion"]);
  const bus = await connectBus({ url, topology: { exchanges, queues }, name: "test", log: captureLog().log });
  onTestFinished(() => bus.close());
  const random = seededNumbers(7);
  let sent = 0;
  /** Sends a message of rows and their labels. */
  const send = async () => {
    const ids = Ids.of(Array.from({ length: ROWS }, () => `r${sent++}`));
    const values = NAMES.map((name) => [name, Float64Array.from({ length: ROWS }, () => random())] as const);
    await bus.publish(FEATURES, featuresContract.write({ ids, columns: new Map(values) }, "json", Date.now()));
    await bus.publish(LABELS, labelContract.write({ ids, y_true: new Float64Array(ROWS) }, "json", Date.now()));
  };
  const tap = await tapPredictions(url);
  const start = async (service: "model" | "metrics", failpoint = "") => {
    const started = startService(service, { ...env, FAILPOINT: failpoint });
    await started.says(service === "model" ? / scores lane champion/ : / pending\.$/);
    return started;
  };
  const isWhole = async () => {
    const log = new WrittenLog(logs);
    await log.has(sent);
    expect([log.lines.length, new Set(log.ids).size]).toEqual([sent, sent]);
  };
  return { send, tap, start, isWhole };
}

/** Sends rows until those that come now have codes. */
async function untilCoded({ frames }: PredictionTap, send: () => Promise<void>): Promise<void> {
  for (let from = frames.length, isCoded = false; !isCoded; from = frames.length) {
    await send();
    await until("predictions of the rows", () => frames.length > from);
    isCoded = frames.at(-1)?.codes !== undefined;
  }
}

/** The references of all codes so far. */
function hashesIn({ frames }: PredictionTap): Set<string> {
  return new Set(frames.flatMap(({ codes }) => codes?.layout.reference ?? []));
}

describe("a model without a reference", () => {
  test("has one from its first rows: the same in two processes, and after a restart of each", async () => {
    const { send, tap, start, isWhole } = await open();
    const metrics = await start("metrics");
    const [first, second] = [await start("model"), await start("model")];
    for (let i = 0; i < 30; i += 1) await send();
    await metrics.says(/Model v1@[0-9a-f]{12} has no reference of its own: its first 100 rows are its reference from now on\./);
    await untilCoded(tap, send);
    await first.kill();
    await untilCoded(tap, send);
    const third = await start("model");
    await second.kill();
    await untilCoded(tap, send);
    await metrics.kill();
    await start("metrics");
    await third.kill();
    await start("model");
    await untilCoded(tap, send);
    await isWhole();
    expect(hashesIn(tap).size).toBe(1);
    expect(tap.frames[0]?.codes).toBeUndefined();
  });

  test.each([
    ["model", "model-before-proposal"],
    ["metrics", "metrics-before-reference"],
    ["metrics", "metrics-after-reference"],
  ] as const)("a kill of %s at %s loses no row, and makes no second reference", async (service, failpoint) => {
    const { send, tap, start, isWhole } = await open();
    const other = service === "model" ? "metrics" : "model";
    await start(other);
    const killed = await start(service, failpoint);
    for (let i = 0; i < 15; i += 1) await send();
    expect(await killed.exited).toEqual({ code: null, signal: "SIGKILL" });
    await start(service);
    await untilCoded(tap, send);
    await isWhole();
    expect(hashesIn(tap).size).toBe(1);
  });
});
