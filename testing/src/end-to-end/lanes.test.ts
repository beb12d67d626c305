import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { freePorts, freshVhost } from "../index.js";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { compile } from "./harness/compile.js";
import { temporaryFolder } from "../vitest/index.js";
import { WrittenLog } from "./harness/metric-log.js";
import { numberedModel, numberOf, placeModel } from "./harness/numbered-model.js";
import { startCli, startService } from "./harness/program.js";

vi.setConfig({ testTimeout: 180_000 });
beforeAll(compile);

/** Which numbered models predicted the rows of a log, in its order, each once. */
function modelsIn(lines: readonly string[]): number[] {
  return [...new Set(lines.map((line) => numberOf(Number(line.split(",")[2]))))];
}

describe("lanes in one process", () => {
  test("score the same rows, are compared, and a challenger is promoted without a lost row", async () => {
    const folder = temporaryFolder();
    const [a, b] = [join(folder, "a.onnx"), join(folder, "b.onnx")];
    placeModel(a, numberedModel(1));
    placeModel(b, numberedModel(0, ["bmi"]));
    const logs = join(folder, "logs");
    const env = { LOGS_DIR: logs, LANES: `champion=${a},challenger=${b}`, GATEWAY_PORT: "0" };
    const [champion, challenger] = [new WrittenLog(logs), new WrittenLog(logs, "challenger")];
    // Half a minute: `compare` and `promote` must have started before the run is over, on a busy machine too.
    const run = startCli(["up"], { ...env, ROWS_PER_SECOND: "300", ROW_LIMIT: "9000" });
    await Promise.all([champion.has(300), challenger.has(300)]);

    const compared = await startCli(["compare", "--json"], env).ended();
    expect(JSON.parse(compared.stdout)).toMatchObject({ verdict: "challenger", lost: 0, deciles: { length: 10 } });
    expect(statSync(join(logs, "comparison.png")).size).toBeGreaterThan(20_000);

    const promoted = await startCli(["promote", "challenger"], env).ended();
    expect(promoted).toMatchObject({ code: 0, stderr: "" });
    expect(promoted.stdout).toMatch(
      /^Model v0@[0-9a-f]{12} of lane challenger is the champion now, in place of v1@[0-9a-f]{12}\.\nIt stays so /,
    );
    const { stdout, ...end } = await run.ended();
    expect(end).toMatchObject({ code: 0, stderr: "" });
    expect(stdout).toMatch(/Challenger is better than champion after /);
    expect(stdout).toMatch(/^logged +9,000$/m);
    expect(stdout).toMatch(/^v1@[0-9a-f]{12} +[\d,]+ rows, MAE /m);
    expect([champion.lines.length, new Set(champion.ids).size, challenger.lines.length]).toEqual([9_000, 9_000, 9_000]);
    expect(modelsIn(champion.lines)).toEqual([1, 0]);

    // It stays so after a restart, even if the challenger has another model by then.
    placeModel(b, numberedModel(5));
    const again = startCli(["up"], { ...env, ROWS_PER_SECOND: "100" });
    expect(await again.says(/ scores lane champion/)).toContain("Model v0@");
    await champion.has(9_050);
    expect(modelsIn(champion.lines.slice(9_000))).toEqual([0]);
    // Until the champion's own is replaced.
    placeModel(a, numberedModel(7));
    await again.says(/Model v7@[0-9a-f]{12} takes over lane champion from v0@/);
    again.signal("SIGINT");
    expect(await again.ended()).toMatchObject({ code: 0, stderr: "" });
  });

  test("a challenger that cannot be used is reported, and the champion goes on", async () => {
    const folder = temporaryFolder();
    const env = { LOGS_DIR: folder, LANES: `champion,challenger=${join(folder, "none.onnx")}`, GATEWAY_PORT: "0" };
    const { stdout, ...end } = await startCli(["up"], { ...env, ROWS_PER_SECOND: "0", ROW_LIMIT: "442" }).ended();
    expect(end).toMatchObject({ code: 0, stderr: "" });
    expect(stdout).toMatch(/Lane challenger does not score: Model \S+none\.onnx: there is no such file\./);
    expect(stdout).toMatch(/^logged +442$/m);
  });
});

test("a challenger whose model server is away holds nothing up", async () => {
  const [port = 0] = await freePorts(1);
  const lanes = `champion,challenger=http://127.0.0.1:${port}/v2/models/b`;
  const env = { LOGS_DIR: temporaryFolder(), LANES: lanes, GATEWAY_PORT: "0", ROWS_PER_SECOND: "0", ROW_LIMIT: "442" };
  const { stdout, ...end } = await startCli(["up"], env).ended();
  expect(end).toMatchObject({ code: 0, stderr: "" });
  expect(stdout).toMatch(/Lane challenger does not score yet; the champion goes on\./);
  expect(stdout).toMatch(/^logged +442$/m);
});

test("a challenger that stands still holds nothing up: it misses rows, and they are counted", async () => {
  const folder = temporaryFolder();
  const env = { AMQP_URL: await freshVhost("lanes"), LOGS_DIR: folder };
  const side = { ...env, LANE: "challenger" };
  const [champion, challenger] = [new WrittenLog(folder), new WrittenLog(folder, "challenger")];
  const rest = [startService("metrics", env), startService("model", env), startService("metrics", side)];
  const stopped = startService("model", side);
  await stopped.says(/ scores lane challenger/);
  await rest[0]?.says(/ pending\.$/);
  await rest[1]?.says(/ scores lane champion/);
  const first = startService("features", { ...env, ROWS_PER_SECOND: "0", ROW_LIMIT: "500" });
  await first.ended();
  await challenger.has(500);
  stopped.signal("SIGSTOP");
  const rows = 60_000;
  const features = startService("features", { ...env, ROWS_PER_SECOND: "0", ROW_LIMIT: String(rows), START_OVER: "1" });
  await features.ended();
  await champion.has(500 + rows);
  expect(new Set(champion.ids).size).toBe(500 + rows);
  stopped.signal("SIGCONT");
  // What the queue still held is scored: the last row is among it.
  const last = champion.ids.toSorted().at(-1) ?? "";
  await vi.waitFor(() => expect(readFileSync(challenger.path, "utf8")).toContain(last), { timeout: 60_000, interval: 200 });
  const { stdout } = await startCli(["compare", "--json"], side).ended();
  const { rows: paired, missed } = JSON.parse(stdout);
  expect(paired + missed).toBe(500 + rows);
  expect(missed).toBeGreaterThan(10_000);
  for (const service of [...rest, stopped]) service.signal("SIGTERM");
  for (const service of [...rest, stopped]) expect(await service.ended()).toMatchObject({ code: 0, stderr: "" });
  const verified = await startCli(["verify", "--lane", "challenger"], env).ended();
  expect(verified.stdout).toMatch(/Every row adds up/);
});
