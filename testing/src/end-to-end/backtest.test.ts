import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { builtFile } from "../built-file.js";
import { csvFile, temporaryFolder } from "../vitest/index.js";

vi.setConfig({ testTimeout: 180_000 });

const MODEL = builtFile("model/assets/air-quality.onnx");
/** 600 hours of the data set. */
const HISTORY = readFileSync(builtFile("features/assets/air-quality.csv"), "utf8").split("\n").slice(0, 601).join("\n");

/** For the log of the replay; libraries write there as well. */
const TEMPORARY = mkdtempSync(join(tmpdir(), "backtest-test-"));
afterAll(() => rmSync(TEMPORARY, { recursive: true, force: true }));
const left = () => readdirSync(TEMPORARY).filter((name) => name.startsWith("streamgauge"));

const commandOf = (words: readonly string[]) => [builtFile("cli/dist/main.js"), "backtest", ...words];
const optionsIn = (folder: string, settings: Readonly<Record<string, string>>) => ({
  cwd: folder,
  env: { PATH: process.env["PATH"], TMPDIR: TEMPORARY, LOGS_DIR: join(folder, "logs"), ...settings },
});

function run(folder: string, words: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, commandOf(words), { ...optionsIn(folder, settings), encoding: "utf8" });
  return { status, stdout, stderr };
}

/** As `run` whose output nobody reads, as behind `head`. */
async function runUnread(folder: string, words: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, commandOf(words), { ...optionsIn(folder, settings), stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [status] = await once(child, "close");
  return { status, stderr };
}

test("a backtest is a gate: it exits 1 if a bound is broken, compares models, and leaves nothing but the report", () => {
  const folder = temporaryFolder();
  const data = csvFile(HISTORY);
  const words = [MODEL, data, "--target", "co", "--time", "time"];
  const fine = run(folder, words);
  expect([fine.stderr, fine.status]).toEqual(["", 0]);
  expect(fine.stdout).toMatch(/^Model air-quality@[0-9a-f]{12}\ntime {8}2004-03-10 to 2004-04-05 /);
  expect(fine.stdout).toMatch(/\nrows {8}600 predicted, \d+ with a label\n/);
  expect(fine.stdout).toMatch(/\nintervals {3}\d\d\.\d\d % of \d+ labels inside \(target 90 %\)/);
  expect(fine.stdout).toMatch(/\n\n600 rows in \d+\.\d s\. backtest\.html: \d+ windows of 1 hour; [^;]+\. Open it in a browser\.\n$/);
  expect([readdirSync(folder), left()]).toEqual([["backtest.html"], []]);
  const rules = join(folder, "rules.yaml");
  writeFileSync(rules, "rules: [{name: too-wrong, kind: mae, above: 0.01, window: 3d}]");
  const broken = run(folder, [...words, "--against", MODEL, "--out", "other.html"], { ALERTS_PATH: rules });
  expect([broken.stderr, broken.status]).toEqual(["", 1]);
  expect(broken.stdout).toMatch(/\nbroken bounds: 1\n {2}too-wrong, 2004-03-1/);
  expect(broken.stdout).toMatch(/\nchampion air-quality@[0-9a-f]{12}, challenger air-quality@/);
  expect([readdirSync(folder).toSorted(), left()]).toEqual([["backtest.html", "other.html", "rules.yaml"], []]);
  const json: unknown = JSON.parse(run(folder, [...words, "--json", "--against", MODEL]).stdout);
  // By the clock of the history.
  const comparison = { time: expect.stringMatching(/^2004-04-04T/) };
  expect(json).toMatchObject({ refused: 0, summary: { predicted: 600, interval_target: 0.9 }, broken: [], comparison });
});

test("a name in MONITOR_FEATURES that no feature has is refused with those there are", () => {
  const { status, stdout, stderr } = run(temporaryFolder(), [MODEL, csvFile(HISTORY), "--target", "co", "--time", "time"], {
    MONITOR_FEATURES: "nope",
  });
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/MONITOR_FEATURES names "nope", and drift of model air-quality can be watched in "/);
});

test("with a reader that has gone it ends without a word, with the exit code of its verdict", async () => {
  const folder = temporaryFolder();
  const words = [MODEL, csvFile(HISTORY.split("\n").slice(0, 200).join("\n")), "--target", "co", "--time", "time"];
  expect(await runUnread(folder, words)).toEqual({ status: 0, stderr: "" });
  const rules = join(folder, "rules.yaml");
  writeFileSync(rules, "rules: [{name: too-wrong, kind: mae, above: 0.01, window: 3d}]");
  expect(await runUnread(folder, words, { ALERTS_PATH: rules })).toEqual({ status: 1, stderr: "" });
  expect(left()).toEqual([]);
});

test.each([
  [["--target", "co"], /says nowhere when its rows happened: name the column with --time, or set TIME_COLUMN\./],
  [["--target", "nox", "--time", "time"], /has no column "nox"/],
  [["--target", "co", "--time", "co2"], /has no column "co2"/],
  [["--target", "co", "--time", "time", "--id", "temperature"], /cannot have its ids in the column "temperature", which the model takes/],
  [["--target", "co", "--time", "temperature"], /cannot have its event times in the column "temperature", which the model takes/],
  [["--target", "temperature", "--time", "time"], /cannot have its labels in the column "temperature", which the model takes/],
  [["--target", "co", "--time", "time", "--against", "nope.onnx"], /^Model nope\.onnx: /],
  [["--target", "co", "--time", "time", "--out", "no/backtest.html"], /^The report could not be written to no\/backtest\.html: /],
])("%j is refused with what to do", (words, message) => {
  const folder = temporaryFolder();
  const { status, stderr } = run(folder, [MODEL, csvFile(HISTORY), ...words]);
  expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
  expect(existsSync(join(folder, "backtest.html"))).toBe(false);
});

test("a row with an id that came before is left out, and is named", () => {
  const [header = "", first = "", second = ""] = HISTORY.split("\n");
  const data = csvFile([`id,${header}`, `a,${first}`, `b,${second}`, `a,${second}`].join("\n"));
  const words = [MODEL, data, "--target", "co", "--time", "time", "--id", "id"];
  const reason = 'row 3 has the id "a" of row 1, which counts: give each row an id of its own';
  const { status, stdout } = run(temporaryFolder(), words);
  expect([status, stdout]).toEqual([0, expect.stringContaining(` left out 1 row:\n  ${reason}\n`)]);
  const json: unknown = JSON.parse(run(temporaryFolder(), [...words, "--json"]).stdout);
  expect(json).toMatchObject({ refused: 1, reasons: [reason], summary: { predicted: 2 } });
});
