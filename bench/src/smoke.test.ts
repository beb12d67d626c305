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
