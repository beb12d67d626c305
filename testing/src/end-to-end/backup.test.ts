import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { builtFile, freshVhost } from "../index.js";
import { temporaryFolder } from "../vitest/index.js";
import { compile } from "./harness/compile.js";
import { WrittenLog } from "./harness/metric-log.js";
import { startCli, startService } from "./harness/program.js";

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 180_000 });
beforeAll(compile);

const ROWS = 6_000;

/** The rows of the study again and again, each with an id of its own. */
function dataset(folder: string): string {
  const [header = "", ...rows] = readFileSync(builtFile("features/assets/diabetes.csv"), "utf8").trimEnd().split("\n");
  const numbered = Array.from({ length: ROWS }, (_, i) => `r${String(i).padStart(4, "0")},${rows[i % rows.length] ?? ""}`);
  const path = join(folder, "rows.csv");
  writeFileSync(path, [`id,${header}`, ...numbered, ""].join("\n"));
  return path;
}

const run = (arguments_: readonly string[], env: Readonly<Record<string, string>>) => startCli(arguments_, env).ended();
const bytesOf = (folder: string) => readFileSync(join(folder, "metric_log.csv"));

test("what was backed up under load, while metrics was killed, is restored, and all rows sent again are in the log once", async () => {
  const [folder, restored, backups] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  const source = { DATASET_PATH: dataset(temporaryFolder()), ID_COLUMN: "id", ROW_LIMIT: String(ROWS), FRAME_ROWS: "8" };
  const env = { AMQP_URL: await freshVhost("backup"), LOGS_DIR: folder };
  const log = new WrittenLog(folder);
  let metrics = startService("metrics", env);
  startService("model", { ...env, ...source });
  startService("features", { ...env, ...source, ROWS_PER_SECOND: "1500" });
  const at = (name: string) => join(backups, name);
  const backup = (name: string) => run(["backup", at(name)], { LOGS_DIR: folder });

  await log.has(200);
  const first = await backup("first");
  await log.has(1_000);
  const underWay = backup("second");
  await metrics.kill();
  metrics = startService("metrics", env);
  const second = await underWay;
  await log.has(2_500);
  const third = await backup("third");
  await log.has(ROWS);

  for (const [name, made] of Object.entries({ first, second, third })) {
    expect(made).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("Every row adds up.") });
    const copy = bytesOf(at(name));
    expect(copy.equals(bytesOf(folder).subarray(0, copy.length))).toBe(true);
    const lines = new WrittenLog(at(name)).lines.length;
    expect(lines).toBeGreaterThanOrEqual(200);
    expect(lines).toBeLessThanOrEqual(ROWS);
    expect(made.stdout).toContain(`with ${lines} lines`);
    expect(await run(["verify"], { LOGS_DIR: at(name) })).toMatchObject({ code: 0, stderr: "" });
  }
  expect(await run(["restore", at("first")], { LOGS_DIR: folder })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Another metrics process writes to the log /),
  });

  const lines = new WrittenLog(at("second")).lines;
  expect(await run(["restore", at("second")], { LOGS_DIR: restored })).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining(`has lane champion with ${lines.length} lines`),
  });
  const later = { AMQP_URL: await freshVhost("restored"), LOGS_DIR: restored };
  const again = startService("metrics", later);
  await again.says(new RegExp(`holds ${lines.length} rows`));
  startService("model", { ...later, ...source });
  startService("features", { ...later, ...source, ROWS_PER_SECOND: "0", START_OVER: "1" });
  const whole = new WrittenLog(restored);
  await whole.has(ROWS);
  again.signal("SIGTERM");
  expect(await again.ended()).toMatchObject({ code: 0, stderr: "" });
  expect([whole.ids.length, new Set(whole.ids).size]).toEqual([ROWS, ROWS]);
  expect(whole.lines.slice(0, lines.length)).toEqual(lines);
  expect(whole.lines.toSorted()).toEqual(log.lines.toSorted());
  expect(await run(["verify"], { LOGS_DIR: restored })).toMatchObject({ code: 0, stderr: "" });
});

/** A LOGS_DIR with the study in its log, and a backup of it. */
async function backedUp(env: Readonly<Record<string, string>> = {}): Promise<{ readonly folder: string; readonly backup: string }> {
  const folder = temporaryFolder();
  const backup = join(temporaryFolder(), "made", "backup");
  expect(await run(["up"], { LOGS_DIR: folder, ROWS_PER_SECOND: "0", ROW_LIMIT: "442", GATEWAY_PORT: "0", ...env })).toMatchObject({
    code: 0,
  });
  expect(await run(["backup", backup], { LOGS_DIR: folder })).toMatchObject({ code: 0, stderr: "" });
  return { folder, backup };
}

test("a restore that is killed at any point keeps metrics from starting until it is repeated", async () => {
  const { folder, backup } = await backedUp();
  for (const place of ["restore-after-marker", "restore-after-file:1", "restore-after-file:3"]) {
    const env = { LOGS_DIR: temporaryFolder() };
    expect(await run(["restore", backup], { ...env, FAILPOINT: place })).toMatchObject({ code: null, signal: "SIGKILL" });
    const up = await run(["up"], { ...env, ROW_LIMIT: "1", GATEWAY_PORT: "0" });
    expect(up.code).toBe(1);
    expect(up.stdout).toContain("run `streamgauge restore` again, which begins anew.");
    expect(await run(["restore", backup], env)).toMatchObject({ code: 0, stderr: "" });
    expect(bytesOf(env.LOGS_DIR).equals(bytesOf(folder))).toBe(true);
    expect(await run(["verify"], env)).toMatchObject({ code: 0, stdout: expect.stringContaining("the log has 442 lines") });
  }
});

test("a damaged backup, a folder in use and a lane that is there are refused, and nothing is changed", async () => {
  const { folder, backup } = await backedUp();
  expect(await run(["backup", backup], { LOGS_DIR: folder })).toMatchObject({
    code: 1,
    stderr: `${backup} is not empty: give a folder that does not exist, one for each backup.\n`,
  });
  expect(await run(["restore", backup], { LOGS_DIR: folder })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(" would be overwritten: "),
  });
  const damaged = join(temporaryFolder(), "damaged");
  cpSync(backup, damaged, { recursive: true });
  const log = join(damaged, "metric_log.csv");
  const bytes = readFileSync(log);
  bytes.writeUInt8(bytes.readUInt8(1_000) ^ 1, 1_000);
  writeFileSync(log, bytes);
  const empty = temporaryFolder();
  expect(await run(["restore", damaged], { LOGS_DIR: empty })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /metric_log\.csv is not as it was backed up \(\d+ of \d+ bytes, SHA-256 [0-9a-f]{64}\): use another backup\.\n$/,
    ),
  });
  expect(readdirSync(empty)).toEqual([]);
  expect(await run(["restore", empty], { LOGS_DIR: folder })).toMatchObject({
    code: 1,
    stderr: `${empty} is no backup: it has no backup.json. Give the folder that \`streamgauge backup\` made.\n`,
  });
  expect(await run(["backup", join(empty, "x")], { LOGS_DIR: empty })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("has no state of lane champion"),
  });
  expect(existsSync(join(empty, "x"))).toBe(false);
});

test("a lane of several partitions is backed up and restored as one", async () => {
  const { folder, backup } = await backedUp({ PARTITIONS: "2" });
  const restored = temporaryFolder();
  expect(await run(["restore", backup], { LOGS_DIR: restored })).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining("has lane champion with 442 lines"),
  });
  for (const place of [backup, restored]) {
    for (const name of ["metric_log.1of2.csv", "metric_log.2of2.csv"])
      expect(readFileSync(join(place, name)).equals(readFileSync(join(folder, name)))).toBe(true);
    expect(await run(["verify"], { LOGS_DIR: place })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("the logs of 2 partitions have 442 lines"),
    });
  }
});
