import { join } from "node:path";
import { Deferred } from "@streamgauge/core";
import { freshVhost, until } from "../index.js";
import { answerSums, send, startModelServer, type Asked } from "../vitest/index.js";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { compile } from "./harness/compile.js";
import { temporaryFolder } from "../vitest/index.js";
import { WrittenLog } from "./harness/metric-log.js";
import { numberedModel, placeModel } from "./harness/numbered-model.js";
import { tapPredictions } from "./harness/prediction-tap.js";
import { startCli, startService } from "./harness/program.js";
import type { NodeProcess } from "../node-process.js";

vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

const MATRIX = { versions: ["3"], inputs: [{ name: "x", datatype: "FP64", shape: [-1, 10] }] };
const FEATURES = "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6";

/** A model and a metrics process that score by this server. */
async function scoredBy(url: string, settings: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  const env = { AMQP_URL: await freshVhost("server"), LOGS_DIR: folder, MODEL_URL: url, FEATURES, ...settings };
  const metrics = startService("metrics", env);
  const model = startService("model", env);
  await model.says(/Model sums@3 scores lane champion: 10 features/);
  return { env, log: new WrittenLog(folder), metrics, model };
}

async function stop(...programs: readonly NodeProcess[]): Promise<void> {
  for (const program of programs) program.signal("SIGTERM");
  for (const program of programs) expect(await program.ended()).toMatchObject({ code: 0, stderr: "" });
}

/** The sum of a row of the study, by its values. */
function sumsOf({ inputs }: Asked): number[] {
  const { data = [], shape = [0] } = inputs[0] ?? {};
  return Array.from({ length: shape[0] ?? 0 }, (_, row) =>
    data.slice(10 * row, 10 * row + 10).reduce<number>((sum, value) => sum + Number(value), 0),
  );
}

describe("a model server", () => {
  test("that errs one time in four costs no row", async () => {
    let calls = 0;
    const fourAtOnce = new Deferred<void>();
    const server = await startModelServer({
      metadata: MATRIX,
      infer: async (asked, response) => {
        calls += 1;
        if (calls === 4) fourAtOnce.resolve();
        await fourAtOnce.promise;
        if (calls % 4 === 0) send(response, 503, { error: "overloaded" });
        else answerSums(asked, response);
      },
    });
    const { env, log, metrics, model } = await scoredBy(server.url, { BATCH_ROWS: "4" });
    const features = startService("features", { ...env, ROWS_PER_SECOND: "0", ROW_LIMIT: "442" });
    await log.has(442);
    await features.ended();
    await stop(model, metrics);
    expect(new Set(log.ids).size).toBe(442);
    expect(server.underWay.most).toBe(4);
    const { stdout } = await startCli(["replay", "list"], env).ended();
    expect(stdout).toBe("0 dead letters.\n");
  });

  test("that refuses some rows has these among the dead letters, with its words, and the others in the log", async () => {
    const server = await startModelServer({
      metadata: MATRIX,
      infer: (asked, response) => {
        const { data = [] } = asked.inputs[0] ?? {};
        // The ages of all rows in the call.
        if (data.some((value, i) => i % 10 === 0 && Number(value) >= 70)) send(response, 422, { error: "nobody is that old" });
        else answerSums(asked, response);
      },
    });
    const { env, log, metrics, model } = await scoredBy(server.url);
    const features = startService("features", { ...env, ROWS_PER_SECOND: "0", ROW_LIMIT: "442" });
    await features.ended();
    // Thirteen rows of the study are of people of 70 years and more.
    await log.has(429);
    await vi.waitFor(async () => expect(await model.metric("streamgauge_model_refused_rows_total")).toBe(13), { timeout: 30_000 });
    await stop(model, metrics);
    const { stdout } = await startCli(["replay", "list"], env).ended();
    expect(stdout.match(/the model failed on it: the server answers 422: nobody is that old/g)).toHaveLength(13);
    expect(server.calls.flatMap(sumsOf).length).toBeGreaterThanOrEqual(442);
  });

  test("that does not answer in time is given up, says so in the dead letters, and does not hold up the end", async () => {
    const server = await startModelServer({ metadata: MATRIX, infer: () => undefined });
    const { env, metrics, model } = await scoredBy(server.url, { MODEL_TIMEOUT_MS: "200" });
    const features = startService("features", { ...env, ROWS_PER_SECOND: "0", ROW_LIMIT: "5" });
    await features.ended();
    await vi.waitFor(async () => expect(await model.metric("streamgauge_model_refused_rows_total")).toBe(5), { timeout: 60_000 });
    const more = startService("features", { ...env, ROWS_PER_SECOND: "0", ROW_LIMIT: "5", START_OVER: "1" });
    await more.ended();
    await stop(model, metrics);
    const { stdout } = await startCli(["replay", "list"], env).ended();
    expect(stdout).toMatch(/the model failed on it: the server did not answer within 0\.2 s; tried 3 times/);
  });

  test("whose model says nothing of its rows gets a reference of the first ones, and later rows have bins", async () => {
    const server = await startModelServer({ metadata: MATRIX });
    const { env, log, metrics, model } = await scoredBy(server.url, { REFERENCE_ROWS: "100" });
    const { frames } = await tapPredictions(env.AMQP_URL);
    const features = startService("features", { ...env, ROWS_PER_SECOND: "200" });
    await metrics.says(/Model sums@3 has no reference of its own: its first 100 rows are its reference from now on\./);
    await until("rows have bins", () => frames.at(-1)?.codes !== undefined);
    await log.has(frames.reduce((rows, { ids }) => rows + ids.length, 0));
    await stop(features, model);
    const { stdout } = await startCli(["drift", "--json"], env).ended();
    await stop(metrics);
    const { drift }: { drift: { model: string; reference: { rows: number; from: string; features: { name: string }[] } } } =
      JSON.parse(stdout);
    const { reference } = drift;
    expect([drift.model, reference.rows, reference.from]).toEqual(["sums@3", 100, "first_rows"]);
    expect(reference.features.map(({ name }) => name)).toEqual(expect.arrayContaining(FEATURES.split(",")));
  });
});

test("a server that challenges a file is promoted by its URL", async () => {
  const server = await startModelServer({ metadata: MATRIX });
  const folder = temporaryFolder();
  const path = join(folder, "a.onnx");
  placeModel(path, numberedModel(1));
  const env = { LOGS_DIR: join(folder, "logs"), LANES: `champion=${path},challenger=${server.url}`, FEATURES, GATEWAY_PORT: "0" };
  const run = startCli(["up"], { ...env, ROWS_PER_SECOND: "200" });
  const [champion, challenger] = [new WrittenLog(env.LOGS_DIR), new WrittenLog(env.LOGS_DIR, "challenger")];
  await Promise.all([champion.has(100), challenger.has(100)]);
  const { stdout } = await startCli(["promote", "challenger"], env).ended();
  expect(stdout).toMatch(/^Model http:\S+\/v2\/models\/sums of lane challenger is the champion now, in place of v1@/);
  await run.says(/Model sums@3 takes over lane champion from v1@/);
  await champion.has(champion.lines.length + 100);
  run.signal("SIGINT");
  expect(await run.ended()).toMatchObject({ code: 0, stderr: "" });
  const last = champion.lines.at(-1)?.split(",")[0] ?? "";
  const predicted = (log: WrittenLog) => log.lines.find((line) => line.startsWith(`${last},`))?.split(",")[2];
  expect(predicted(champion)).toBe(predicted(challenger));
});
