import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freshVhost } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { caseNamed } from "./case/bench-cases.js";
import { materialIn } from "./case/material.js";
import { measureCeiling } from "./ceiling/measure-ceiling.js";
import { prepareFrames } from "./ceiling/prepare-frames.js";
import { savePreparedFrames } from "./ceiling/prepared-frames.js";
import { measureLatency } from "./latency/measure-latency.js";
import { measureThroughput } from "./pipeline/measure-throughput.js";

const ROWS = 3_200;

test("the real services and the bare processes get rows through, and both are measured", { timeout: 120_000 }, async () => {
  const folder = temporaryFolder();
  // Few messages, and small enough for the model to answer them together.
  const benchCase = { ...caseNamed("json-1"), frameRows: 16 };
  const material = await materialIn(folder, benchCase.material);
  const frames = join(folder, "frames");
  savePreparedFrames(frames, await prepareFrames(benchCase, material));
  const url = await freshVhost("bench");

  // This process stands in for the broker's, which the tests of a run share.
  const options = { amqpUrl: url, logsDir: join(folder, "logs"), material, models: 1, profiles: undefined };
  const throughput = await measureThroughput(benchCase, ROWS, { name: "broker", pid: process.pid }, options);
  const ceiling = await measureCeiling({ url, frames, rows: ROWS, relays: 1 });

  expect(throughput.pairsPerSecond).toBeGreaterThan(0);
  expect(ceiling).toBeGreaterThan(0);
  if (process.platform === "linux") {
    expect(Object.keys(throughput.peakRssMb ?? {}).toSorted()).toEqual(["broker", "features", "metrics", "model", "plot"]);
  }
});

test("two partitions with a metrics process each, and a model without bins", { timeout: 120_000 }, async () => {
  const folder = temporaryFolder();
  const { besides, ...monitoring } = caseNamed("monitoring-2048");
  const benchCase = { ...monitoring, ...besides, frameRows: 16 };
  const material = await materialIn(folder, benchCase.material);
  const logsDir = join(folder, "logs");
  const options = {
    amqpUrl: await freshVhost("bench"),
    logsDir,
    material,
    models: 1,
    partitions: 2,
    profiles: undefined,
  };
  const { window } = await measureThroughput(benchCase, ROWS, { name: "broker", pid: process.pid }, options);
  const lines = ["metric_log.1of2.csv", "metric_log.2of2.csv"].map(
    (name) => readFileSync(join(logsDir, name), "utf8").split("\n").length - 2,
  );

  expect(window.to.rows).toBeLessThanOrEqual(ROWS);
  expect(lines[0]).toBeGreaterThan(1_000);
  expect((lines[0] ?? 0) + (lines[1] ?? 0)).toBe(ROWS);
});

test("rows at a pace get through, and their latency is measured", { timeout: 120_000 }, async () => {
  const folder = temporaryFolder();
  const benchCase = caseNamed("latency-1000");
  const material = await materialIn(folder, benchCase.material);
  const frames = join(folder, "frames");
  savePreparedFrames(frames, await prepareFrames(benchCase, material));
  const url = await freshVhost("bench");

  const options = { amqpUrl: url, logsDir: join(folder, "logs"), material, models: 1, profiles: undefined };
  const latency = await measureLatency({ url, frames, rows: 500, rowsPerSecond: 500 }, { name: "broker", pid: process.pid }, options);

  expect(latency.p50).toBeGreaterThan(0);
  expect(latency.p99).toBeGreaterThanOrEqual(latency.p50);
});
