import { temporaryFolder } from "@streamgauge/testing/vitest";
import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { logSegments } from "../segments/fixtures/segments-lane.js";
import { addWindowsCommand } from "./windows-command.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function run(...words: readonly string[]): Promise<string> {
  let said = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((said += String(text)), true));
  const program = new Command();
  addWindowsCommand(program);
  await program.parseAsync(["node", "streamgauge", "windows", ...words]);
  return said;
}

test("a range without windows says which there are; programs get none", { timeout: 120_000 }, async () => {
  const logsDir = temporaryFolder();
  await logSegments(logsDir);
  vi.stubEnv("LOGS_DIR", logsDir);
  expect(await run("--from", "2027-01-01")).toBe(
    "The range has no windows of 1h. Lane champion has windows of 1h from 2026-01-05 00:00 to 2026-01-06 00:00 UTC: choose --from and --to there.\n",
  );
  expect((await run("--from", "2026-01-05 23:00")).split("\n")[1]).toMatch(/^2026-01-05 23:00  /);
  expect(await run("--from", "2027-01-01", "--json")).toBe('{"windows":[]}\n');
});
