import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freshVhost } from "../index.js";
import { beforeAll, expect, test, vi } from "vitest";
import { compile } from "./harness/compile.js";
import { temporaryFolder } from "../vitest/index.js";
import { WrittenLog } from "./harness/metric-log.js";
import { numberedModel, numberOf, placeModel } from "./harness/numbered-model.js";
import { tapPredictions } from "./harness/prediction-tap.js";
import { startService } from "./harness/program.js";

/** More in a long run: SWAPS=200. */
const SWAPS = Number(process.env["SWAPS"] ?? 5);

vi.setConfig({ testTimeout: 120_000 + SWAPS * 2_000 });
beforeAll(compile);

test.each([
  ["one row a message", { ROWS_PER_SECOND: "1500" }],
  ["frames of Arrow", { ROWS_PER_SECOND: "20000", FRAME_ROWS: "256", FRAME_FORMAT: "arrow" }],
])("a model that is replaced every second costs no row, and each prediction names the one that made it: %s", async (_, load) => {
  const folder = temporaryFolder();
  const path = join(folder, "m.onnx");
  placeModel(path, numberedModel(1));
  const url = await freshVhost("swap");
  const tap = await tapPredictions(url);
  const env = { AMQP_URL: url, LOGS_DIR: folder, MODEL_PATH: path };
  const metrics = startService("metrics", env);
  const model = startService("model", env);
  await model.says(/ scores lane champion/);
  const features = startService("features", { ...env, ...load });
  await vi.waitFor(() => expect(tap.frames.length).toBeGreaterThan(10), { timeout: 30_000 });
  const resident: number[] = [];
  for (let number = 2; number <= SWAPS + 1; number += 1) {
    const began = performance.now();
    // By renaming it into place, and by copying over it.
    if (number % 2 === 0) placeModel(path, numberedModel(number));
    else writeFileSync(path, numberedModel(number));
    await model.says(new RegExp(`Model v${number}@[0-9a-f]{12} takes over lane champion`));
    resident.push((await model.metric("process_resident_memory_bytes")) ?? Number.NaN);
    await delay(Math.max(0, 1_000 - (performance.now() - began)));
  }
  writeFileSync(path, "this is no model");
  await model.says(new RegExp(`Lane champion stays with model v${SWAPS + 1}@[0-9a-f]{12}: Model .*m\\.onnx: `));
  features.signal("SIGTERM");
  await features.ended();
  const checkpoint: { readonly rows: number } = JSON.parse(readFileSync(join(folder, ".state", "features.json"), "utf8"));
  const log = new WrittenLog(folder);
  await log.has(checkpoint.rows);
  model.signal("SIGTERM");
  expect(await model.ended()).toMatchObject({ code: 0, stderr: "" });
  metrics.signal("SIGTERM");
  await metrics.ended();

  expect([log.lines.length, new Set(log.ids).size]).toEqual([checkpoint.rows, checkpoint.rows]);
  const scored = tap.frames.flatMap(({ ids }) => ids.toArray());
  expect([scored.length, new Set(scored).size]).toEqual([checkpoint.rows, checkpoint.rows]);
  const wrong = tap.frames.filter(({ model: label, y_pred }) => y_pred.some((value) => !label.startsWith(`v${numberOf(value)}@`)));
  expect(wrong).toEqual([]);
  expect(new Set(tap.frames.map((frame) => frame.model)).size).toBe(SWAPS + 1);
  expect(tap.longestPauseMs).toBeLessThan(1_000);
  // A short run is over before memory has found its height.
  if (SWAPS >= 100) expect(mean(resident.slice(-SWAPS / 4))).toBeLessThan(1.25 * mean(resident.slice(SWAPS / 4, SWAPS / 2)));
  process.stderr.write(
    `${SWAPS} swaps, ${checkpoint.rows} rows, longest pause ${Math.round(tap.longestPauseMs)} ms, memory ${resident.map((bytes) => Math.round(bytes / 2 ** 20)).join(" ")} MiB\n`,
  );
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test("of a folder the newest usable version scores, and POST /model/reload says what came of it", async () => {
  const folder = temporaryFolder();
  const versions = join(folder, "versions");
  mkdirSync(versions);
  placeModel(join(versions, "v9.onnx"), numberedModel(9));
  writeFileSync(join(versions, "v10.onnx"), "this is no model");
  const env = { AMQP_URL: await freshVhost("versions"), LOGS_DIR: folder, MODEL_PATH: versions };
  const model = startService("model", env);
  await model.says(/Model \S*v10\.onnx: this is not an ONNX file/);
  await model.says(/Model v9@[0-9a-f]{12} scores lane champion/);
  placeModel(join(versions, "v11.onnx"), numberedModel(11));
  await model.says(/Model v11@[0-9a-f]{12} takes over lane champion from v9@/);
  const url = /http:\S+[^.\s]/.exec(await model.says(/Health and metrics at /))?.[0] ?? "";
  const reload = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/model/reload`, { method: "POST", headers });
    return { status: response.status, body: await response.json() };
  };
  expect(await reload()).toMatchObject({ status: 200, body: { done: true, model: expect.stringMatching(/^v11@/) } });
  expect((await reload({ origin: "http://evil.example" })).status).toBe(403);
  placeModel(join(versions, "v12.onnx"), Buffer.from("no"));
  expect(await reload()).toMatchObject({
    status: 422,
    body: { done: false, model: expect.stringMatching(/^v11@/), reason: expect.stringContaining("v12.onnx") },
  });
  model.signal("SIGTERM");
  expect(await model.ended()).toMatchObject({ code: 0, stderr: "" });
});

test("a model whose process dies is opened again, and no row is lost", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "m.onnx");
  placeModel(path, numberedModel(1));
  const env = { AMQP_URL: await freshVhost("died"), LOGS_DIR: folder, MODEL_PATH: path };
  const [metrics, model] = [startService("metrics", env), startService("model", env)];
  await model.says(/ scores lane champion/);
  const features = startService("features", { ...env, ROWS_PER_SECOND: "500" });
  const log = new WrittenLog(folder);
  await log.has(100);
  placeModel(path, numberedModel(2));
  await model.says(/Model v2@[0-9a-f]{12} takes over/);
  for (const pid of readFileSync(`/proc/${model.pid}/task/${model.pid}/children`, "utf8").trim().split(" "))
    process.kill(Number(pid), "SIGKILL");
  await model.says(/The process of model v2@[0-9a-f]{12} ended \(SIGKILL\); rows of lane champion wait until it is open again\./);
  await model.says(/Model v2@[0-9a-f]{12} takes over lane champion from v2@/);
  await log.has(log.lines.length + 300);
  features.signal("SIGTERM");
  await features.ended();
  const checkpoint: { readonly rows: number } = JSON.parse(readFileSync(join(folder, ".state", "features.json"), "utf8"));
  await log.has(checkpoint.rows);
  for (const service of [model, metrics]) service.signal("SIGTERM");
  for (const service of [model, metrics]) expect(await service.ended()).toMatchObject({ code: 0, stderr: "" });
  expect([log.lines.length, new Set(log.ids).size]).toEqual([checkpoint.rows, checkpoint.rows]);
});

test("a model with other features than the rows that come is refused", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "m.onnx");
  placeModel(path, numberedModel(1));
  const env = { AMQP_URL: await freshVhost("features"), LOGS_DIR: folder, MODEL_PATH: path };
  const model = startService("model", env);
  const features = startService("features", { ...env, ROWS_PER_SECOND: "200" });
  await vi.waitFor(async () => expect(await model.metric("streamgauge_model_rows_total")).toBeGreaterThan(10), { timeout: 30_000 });
  placeModel(path, numberedModel(2, ["bmi", "price"]));
  await model.says(
    /Lane champion stays with model v1@\S+ Model \S+m\.onnx: it needs price, and the rows that are scored now have only age, sex, /,
  );
  placeModel(path, numberedModel(3, ["s6", "s5", "s4", "s3", "s2", "s1", "bp", "bmi", "sex", "age"]));
  await model.says(/Model v3@[0-9a-f]{12} takes over lane champion from v1@/);
  for (const service of [features, model]) service.signal("SIGTERM");
  for (const service of [features, model]) expect(await service.ended()).toMatchObject({ code: 0, stderr: "" });
});
