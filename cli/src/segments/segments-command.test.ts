import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test, vi } from "vitest";
import { logSegments, runSegments } from "./fixtures/segments-lane.js";

test("the segment with the excess error is named, of logs that were written by the code of metrics", { timeout: 120_000 }, async () => {
  const logsDir = temporaryFolder();
  await logSegments(logsDir);
  const { stdout, code } = await runSegments(logsDir);
  expect(stdout).toMatch(/^ +rows +MAE +compared +bias +excess +share +evidence\n\* bmi 5 to 6 +\d{3} +\d\.\d+ +1\.\d+ /);
  expect(stdout).toMatch(
    /segments of 6,000 labelled rows of m@1 in 24 hours, MAE 1\.\d+, compared with all other rows\. Standing out \(\*\): bmi 5 to 6\. Another of one feature would with evidence of [\d,]+ to 1\.\n$/,
  );
  expect(code).toBe(0);
  const { stdout: json } = await runSegments(logsDir, "--json", "--from", "2026-01-05T12:00:00Z", "--earlier-from", "2026-01-05T00:00:00Z");
  const { found, models } = JSON.parse(json);
  expect(models).toEqual(["m@1"]);
  expect([found.rows, found.earlier.rows, found.standing_out, found.segments[0].text]).toEqual([3000, 3000, 1, "bmi 5 to 6"]);
  // Errors of the earlier half are from 1 to 2.
  expect(found.segments[0].compared_mae).toBeCloseTo(1.5, 1);
  const later = await runSegments(logsDir, "--model", "m@1", "--from", "2026-01-07");
  const choose = (what: string) =>
    `The range has no ${what}. Lane champion has ${what} from 2026-01-05 00:00 to 2026-01-06 00:00 UTC: choose --from and --to there.\n`;
  expect([later.stdout, later.code]).toEqual([choose("hours with bins of features of m@1"), 0]);
  expect((await runSegments(logsDir, "--rows", "bmi 5 to 6", "--to", "2026-01-04 23:00")).stdout).toBe(
    choose("hours with bins of features"),
  );
  for (const words of [[], ["--json"]])
    expect(await runSegments(logsDir, "--model", "m@2", ...words)).toEqual({
      stdout: "",
      stderr: 'No hour of a model version "m@2" is kept with bins of its features. They are "m@1": choose one with --model.\n',
      code: 1,
    });
  expect(await runSegments(logsDir, "--earlier-from", "2026-01-05T00:00:00Z")).toEqual({
    stdout: "",
    stderr: "Hours to compare with lie before --from: give --from, and --earlier-from before --earlier-to, which is --from or before.\n",
    code: 1,
  });
});

test("options that would change nothing are refused, and hours to compare with that have no rows", { timeout: 120_000 }, async () => {
  const logsDir = temporaryFolder();
  await logSegments(logsDir);
  for (const [option, ...value] of [["--limit", "5"], ["--latest"]] as const)
    expect(await runSegments(logsDir, option, ...value)).toEqual({
      stdout: "",
      stderr: `${option} chooses rows of a segment: name the segment too, as in --rows "bmi 5 to 6", or leave ${option} out.\n`,
      code: 1,
    });
  const noRows = ["--from", "2026-01-05T12:00:00Z", "--earlier-from", "2025-01-01", "--earlier-to", "2025-02-01"];
  expect(await runSegments(logsDir, ...noRows)).toEqual({
    stdout: "",
    stderr:
      'The hours to compare with have no labelled row of "m@1": before those that are compared, its labelled rows are in the hours from 2026-01-05T00:00:00.000Z to 2026-01-05T12:00:00.000Z. ' +
      "Choose from these, or give no hours to compare with: then each segment is compared with all other rows.\n",
    code: 1,
  });
  expect((await runSegments(logsDir, "--from", "2026-01-05", "--earlier-from", "2026-01-04")).stderr).toBe(
    'Before the hours that are compared there is no labelled row of "m@1": let them begin later, ' +
      "or give no hours to compare with: then each segment is compared with all other rows.\n",
  );
});

test("rows of a segment that was copied with its mark; of a lane that is not there, which there are", { timeout: 120_000 }, async () => {
  const logsDir = temporaryFolder();
  await logSegments(logsDir);
  expect((await runSegments(logsDir, "--rows", "* bmi 5 to 6")).stdout).toMatch(
    /\n\nThe 10 of \d+ rows of bmi 5 to 6 with the largest errors; m@1\.\n$/,
  );
  expect((await runSegments(logsDir, "--lane", "challenger")).stderr).toBe(
    `${logsDir} has no state of lane challenger. Its lanes are champion: choose one with --lane, or set LOGS_DIR to the folder of another log.\n`,
  );
});

test("without logs it says so", async () => {
  const logsDir = temporaryFolder();
  expect((await runSegments(logsDir)).stderr).toBe(
    `${logsDir} has no state of lane champion: metrics has not run there. Set LOGS_DIR to the folder of the log.\n`,
  );
});

test("a range that ends before it begins is refused", async () => {
  const stderr = vi.spyOn(process.stderr, "write");
  vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  await expect(runSegments(temporaryFolder(), "--from", "2026-11-25", "--to", "2026-11-20")).rejects.toThrow("exit 1");
  expect(stderr.mock.calls.join("")).toContain(
    "error: from is 2026-11-25T00:00:00Z and to is 2026-11-20T00:00:00Z: to must be later than from. Exchange them, or leave one out.\n",
  );
});
