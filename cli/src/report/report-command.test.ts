import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_ALARM, ReplayedLane } from "@streamgauge/metrics";
import { codedHistory } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { addReportCommand } from "./report-command.js";

afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("a report of a model version that is not there is refused, with those that are", { timeout: 120_000 }, async () => {
  const [logsDir, folder] = [temporaryFolder(), temporaryFolder()];
  const options = { alarm: DEFAULT_ALARM, intervalCoverage: 0.9, retentionMs: 7 * 86_400_000, rules: undefined, labelDelayMs: 0 };
  const lane = await ReplayedLane.open(logsDir, "champion", codedHistory(Date.UTC(2026, 0, 5)), options);
  await lane.run();
  await lane.close();
  vi.stubEnv("LOGS_DIR", logsDir);
  let said = "";
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((said += String(text)), true));
  const report = (model: string) => {
    const program = new Command();
    addReportCommand(program);
    return program.parseAsync(["node", "streamgauge", "report", "--model", model, "--out", join(folder, "r.html")]);
  };
  await report("m@2");
  expect(said).toBe('No window of a model version "m@2" is kept. They are "m@1": choose one with --model.\n');
  expect([process.exitCode, readdirSync(folder)]).toEqual([1, []]);
  process.exitCode = undefined;
  await report("m@1");
  expect([process.exitCode, readdirSync(folder)]).toEqual([undefined, ["r.html"]]);
});
