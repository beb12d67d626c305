import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtFile } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { addAlarmsCommand } from "./alarms-command.js";

const folder = freshFolder();

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = 0;
});

/** Runs the command. @returns what it printed. */
async function run(...words: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      printed[stream] += String(text);
      return true;
    });
  vi.stubEnv("LOGS_DIR", folder.path);
  const program = new Command().enablePositionalOptions();
  addAlarmsCommand(program);
  await program.parseAsync(["node", "streamgauge", "alarms", ...words]);
  return printed;
}

/** 1,000 rows with an error of 1, then 100 with an error of 3. */
function pastLog(): string {
  const path = join(folder.path, "past.csv");
  const lines = Array.from({ length: 1_100 }, (_, i) => (i < 1_000 ? `r${i},1,2,1\n` : `r${i},1,4,3\n`));
  writeFileSync(path, `id,y_true,y_pred,absolute_error\n${lines.join("")}`);
  return path;
}

test("simulate --json prints JSON", async () => {
  const { stdout, stderr } = await run("simulate", pastLog(), "--json");
  expect(stderr).toBe("");
  const { rows, baseline, alarms } = JSON.parse(stdout);
  expect([rows, baseline]).toEqual([1_100, 1.05]);
  expect(alarms[0]).toEqual({ row: expect.any(Number), since_row: 1_001, kind: "worse", mean_before: 1, mean_since: 3 });
  expect(Object.keys(JSON.parse(stdout))).toEqual(["rows", "baseline", "alarms"]);
});

test("simulate takes its settings from options, else from the environment", async () => {
  const path = pastLog();
  vi.stubEnv("ALARM_TOLERANCE", "0.5");
  vi.stubEnv("REFERENCE_ROWS", "500");
  expect(JSON.parse((await run("simulate", path, "--json")).stdout).baseline).toBe(1.5);
  expect(JSON.parse((await run("simulate", path, "--json", "--tolerance", "1", "--reference", "200")).stdout).baseline).toBe(2);
  expect((await run("simulate", path)).stdout).toContain(
    "from the mean error 1 of rows 1 to 500: rises of less than 50.0 % are not noticed.",
  );
});

test("a time in ALARM_EVERY cannot be simulated", async () => {
  vi.stubEnv("ALARM_EVERY", "365d");
  await expect(run("simulate", pastLog())).rejects.toThrow("A log has no times: say --every <rows>, in place of the time in ALARM_EVERY.");
  await expect(run("simulate", pastLog(), "--every", "7d")).rejects.toThrow("say --every <rows>, in place of the time in --every.");
});

test("a folder without a log, and one of a release without the alarm, have no alarms", async () => {
  const said = `${folder.path} has no alarms of lane champion: metrics has not logged a row there. Set LOGS_DIR to the folder of the log.\n`;
  expect((await run("--json")).stderr).toBe(said);
  expect(process.exitCode).toBe(1);
  cpSync(builtFile("metrics/fixtures/state-of-releases/0.1.0"), folder.path, { recursive: true });
  expect((await run()).stderr).toBe(said);
});
