import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { LaterVersionError } from "@streamgauge/core";
import { DEFAULT_ALARM, ReplayedLane, StateStore } from "@streamgauge/metrics";
import { builtFile, codedHistory, steadyHistory } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { addDriftCommand } from "./drift-command.js";
import { addReferenceCommand } from "./reference-command.js";

const STUDY = builtFile("features/assets/diabetes.csv");
/** As an earlier version wrote it. */
const WITHOUT_REFERENCE = builtFile("cli/src/drift/fixtures/without-reference.onnx");

afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Runs a command. */
async function run(...words: readonly string[]) {
  const said = { stdout: "", stderr: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((said.stdout += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((said.stderr += String(text)), true));
  process.exitCode = undefined;
  const program = new Command();
  addReferenceCommand(program);
  addDriftCommand(program);
  await program.parseAsync(["node", "streamgauge", ...words]);
  return { ...said, code: process.exitCode ?? 0 };
}

/** The study with so much added to each body mass index. */
function studyWith(folder: string, more: number): string {
  const [header = "", ...lines] = readFileSync(STUDY, "utf8").trimEnd().split("\n");
  const at = header.split(",").indexOf("bmi");
  const shifted = lines.map((line) =>
    line
      .split(",")
      .map((cell, i) => (i === at ? String(Number(cell) + more) : cell))
      .join(","),
  );
  const path = join(folder, "rows.csv");
  writeFileSync(path, `${[header, ...shifted].join("\n")}\n`);
  return path;
}

test("the rows that a model was fitted on have not drifted", async () => {
  const { stdout, code } = await run("drift", builtFile("model/assets/diabetes.onnx"), STUDY);
  expect(stdout).toMatch(/442 rows beside the 442 of the reference [0-9a-f]{12}\. Nothing has drifted\.\n$/);
  expect(code).toBe(0);
});

test("a shifted feature has drifted, and the prediction with it", async () => {
  const { stdout, code } = await run("drift", builtFile("model/assets/diabetes.onnx"), studyWith(temporaryFolder(), 4), "--json");
  const { rows, features } = JSON.parse(stdout);
  expect(rows).toBe(442);
  const drifted = features.filter((feature: { drifted: boolean }) => feature.drifted).map(({ name }: { name: string }) => name);
  expect(drifted).toEqual(["bmi", "y_pred"]);
  // 4 of a standard deviation of 4.4131.
  expect(features.find(({ name }: { name: string }) => name === "bmi").wasserstein).toBeCloseTo(0.9, 1);
  expect(code).toBe(1);
});

/** A day of a lane, as the code of metrics writes it to LOGS_DIR. */
async function laneOf(history: ReturnType<typeof codedHistory>): Promise<void> {
  const logsDir = temporaryFolder();
  const options = { alarm: DEFAULT_ALARM, intervalCoverage: 0.9, retentionMs: 7 * 86_400_000, rules: undefined, labelDelayMs: 0 };
  const lane = await ReplayedLane.open(logsDir, "champion", history, options);
  await lane.run();
  await lane.close();
  vi.stubEnv("LOGS_DIR", logsDir);
}

const MONDAY = Date.UTC(2026, 0, 5);

test("of the rows that were predicted, the hours with drift are listed, and the exit code is 1", { timeout: 120_000 }, async () => {
  await laneOf(codedHistory(MONDAY));
  const { stdout, stderr, code } = await run("drift");
  // In every hour all predictions are in the first of four bins.
  expect(stdout).toMatch(/^hour \(UTC\) +rows +PSI of what has drifted\n2026-01-05 00:00 +250 +y_pred \d\.\d\d/);
  expect(stdout).toMatch(/\n2026-01-05 23:00 +250 +y_pred /);
  expect(stdout).toMatch(
    /6,000 rows of m@1 in 24 hours beside the 1,000 of the reference 0cba33ef67f1\. All hours together: Drifted \(\*\): city, y_pred\.\n$/,
  );
  expect([stderr, code]).toEqual(["", 1]);
  const { drift } = JSON.parse((await run("drift", "--json", "--from", "2026-01-05T22:00:00Z")).stdout);
  expect(drift.hours.map(({ start, rows }: { start: string; rows: number }) => [start, rows])).toEqual([
    ["2026-01-05T22:00:00.000Z", 250],
    ["2026-01-05T23:00:00.000Z", 250],
  ]);
  expect((await run("drift", "--model", "m@1")).stdout).toBe(stdout);
  expect(await run("drift", "--model", "m@2")).toEqual({
    stdout: "",
    stderr: 'No hour of a model version "m@2" is kept with bins of its features. They are "m@1": choose one with --model.\n',
    code: 2,
  });
  expect(await run("drift", "--from", "2027-01-01")).toEqual({
    stdout: "",
    stderr:
      "The range has no hours with bins of features. Lane champion has hours with bins of features from 2026-01-05 00:00 to 2026-01-06 00:00 UTC: choose --from and --to there.\n",
    code: 2,
  });
  const written = vi.spyOn(process.stderr, "write");
  vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  await expect(run("drift", "--from", "2026-01-06", "--to", "2026-01-05 12:00")).rejects.toThrow("exit 2");
  expect(written.mock.calls.join("")).toContain(
    "error: from is 2026-01-06T00:00:00Z and to is 2026-01-05T12:00:00Z: to must be later than from. Exchange them, or leave one out.\n",
  );
});

test("of the rows that were predicted, none drift: the exit code is 0", { timeout: 120_000 }, async () => {
  await laneOf(steadyHistory(MONDAY));
  const { stdout, stderr, code } = await run("drift");
  expect(stdout).toMatch(/^No hour has drift\.\n/);
  expect(stdout).toMatch(
    /6,000 rows of m@1 in 24 hours beside the 1,000 of the reference 0cba33ef67f1\. All hours together: Nothing has drifted\.\n$/,
  );
  expect([stderr, code]).toEqual(["", 0]);
});

test("without logs it says so, and the exit code is not the one of drift", async () => {
  const logsDir = temporaryFolder();
  vi.stubEnv("LOGS_DIR", logsDir);
  expect(await run("drift")).toEqual({
    stdout: "",
    stderr: `${logsDir} has no state of lane champion: metrics has not run there. Set LOGS_DIR to the folder of the log.\n`,
    code: 2,
  });
});

test("a failure of any kind is not taken for drift", { timeout: 120_000 }, async () => {
  await laneOf(steadyHistory(MONDAY));
  const failing = vi.spyOn(StateStore.prototype, "monitor").mockImplementation(() => {
    throw new LaterVersionError("The state of monitoring", 99, 1);
  });
  expect(await run("drift")).toMatchObject({
    stderr: expect.stringMatching(/^The state of monitoring was written by a later version /),
    code: 2,
  });
  failing.mockImplementation(() => {
    throw new Error("MDB_PAGE_NOTFOUND");
  });
  expect(await run("drift")).toMatchObject({ stderr: expect.stringMatching(/^Error: MDB_PAGE_NOTFOUND\n +at /), code: 2 });
});

test("a model without a reference gets one beside it, which keeps what stands there", async () => {
  const folder = temporaryFolder();
  const model = join(folder, "mine.onnx");
  copyFileSync(WITHOUT_REFERENCE, model);
  writeFileSync(join(folder, "mine.json"), '{"target":"progression"}');
  const before = await run("drift", model, STUDY);
  expect(before).toEqual({
    stdout: "",
    stderr: `${model} has no reference: write one with streamgauge reference ${model} DATA.csv, from the rows that the model was fitted on.\n`,
    code: 2,
  });
  const { stdout } = await run("reference", model, STUDY);
  expect(stdout).toMatch(/mine\.json: 442 rows, 10 features and y_pred, sha256 [0-9a-f]{12}\n$/);
  expect(JSON.parse(readFileSync(join(folder, "mine.json"), "utf8"))).toMatchObject({ target: "progression", reference: { rows: 442 } });
  expect((await run("drift", model, STUDY)).code).toBe(0);
});

test("a model with a reference inside gets none beside it", async () => {
  const folder = temporaryFolder();
  const model = join(folder, "mine.onnx");
  copyFileSync(builtFile("model/assets/diabetes.onnx"), model);
  const { stderr, code } = await run("reference", model, STUDY);
  expect(stderr).toBe(
    `Model ${model}: it has a reference inside, which counts before any beside it. Use it as it is; streamgauge model inspect shows it.\n`,
  );
  expect(code).toBe(1);
});

test("a file of another program beside the model stays as it is", async () => {
  const folder = temporaryFolder();
  const model = join(folder, "mine.onnx");
  copyFileSync(WITHOUT_REFERENCE, model);
  writeFileSync(join(folder, "mine.json"), '{"learner":{}}');
  const { stderr, code } = await run("reference", model, STUDY);
  expect(stderr).toContain("mine.json beside it is a file of another program. Give the model another name");
  expect([code, readFileSync(join(folder, "mine.json"), "utf8")]).toEqual([1, '{"learner":{}}']);
});
