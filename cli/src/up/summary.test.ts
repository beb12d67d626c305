import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { NO_MOMENTS } from "@streamgauge/core";
import type { Balance } from "@streamgauge/metrics";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { summarise } from "./summary.js";

const HEADER = "id,y_true,y_pred,absolute_error\n";
const NONE: Balance = { received: 0, logged: 0, unmatched: 0, deadLettered: 0, duplicates: 0, conflicts: 0 };

function logFile(content: string): string {
  const folder = temporaryFolder();
  const path = join(folder, "metric_log.csv");
  writeFileSync(path, content);
  return path;
}

test("a run is summed up by the lines that it added to the log", () => {
  const earlier = `${HEADER}old,1,1000,999\n`;
  const summary = summarise({
    sent: 2_010,
    seconds: 2,
    malformed: 3,
    refused: 4,
    before: { ...NONE, logged: 1, duplicates: 100, conflicts: 10, unmatched: 1 },
    now: { ...NONE, logged: 4, duplicates: 1_101, conflicts: 12, unmatched: 1, deadLettered: 1 },
    logs: [{ path: logFile(`${earlier}a,1,2,1\nb,2,2,0\nc,6,3,3\n`), start: earlier.length }],
  });
  // Errors 1, 0 and 3: MAE 4/3, RMSE √(10/3); y_true has mean 3 and a sum of squares of 14, so R² is 1 - 10/14.
  expect(summary.split("\n")).toEqual([
    "rows sent        2,010",
    "logged           3",
    "refused          5",
    "duplicates       1,001",
    "conflicts        2",
    "unmatched        0",
    "malformed lines  3",
    "MAE              1.333333",
    "RMSE             1.825742",
    "R²               0.2857143",
    "p95              2.8",
    "seconds          2.00",
    "rows/s           1,005",
    "",
    "npx streamgauge report writes the errors over time as a page.",
  ]);
});

test("a run that logged nothing has no errors to tell", () => {
  const logPath = logFile(HEADER);
  const summary = summarise({
    sent: 5,
    seconds: 0.5,
    malformed: 0,
    refused: 5,
    before: undefined,
    now: undefined,
    logs: [{ path: logPath, start: HEADER.length }],
  });
  expect(summary).toContain("MAE              –\nRMSE             –\nR²               –\n");
  expect(summary).toContain("refused          5\n");
});

test("a run whose rows were all sent before says so", () => {
  const run = { sent: 301, unlabelled: 1, seconds: 1, malformed: 0, refused: 0, before: { ...NONE, duplicates: 10 } };
  const logs = [{ path: logFile(HEADER), start: HEADER.length }];
  const said = "All ids were in the log already: a row is logged once.";
  expect(summarise({ ...run, now: { ...NONE, duplicates: 310 }, logs })).toContain(`\n\n${said}\nnpx streamgauge report`);
  expect(summarise({ ...run, now: { ...NONE, duplicates: 309, conflicts: 1 }, logs })).not.toContain(said);
});

test("a run in which the model was replaced is summed up by versions as well, without what they did before", () => {
  const moments = (count: number, absolute: number, squared: number) => ({ ...NO_MOMENTS, count, absolute, squared });
  const summary = summarise({
    sent: 6,
    seconds: 1,
    malformed: 0,
    refused: 0,
    before: NONE,
    now: NONE,
    versionsBefore: [
      { model: "m@0", moments: moments(9, 9, 9) },
      { model: "m@1", moments: moments(10, 100, 1_000) },
    ],
    versions: [
      { model: "m@0", moments: moments(9, 9, 9) },
      { model: "m@1", moments: moments(12, 104, 1_008) },
      { model: "m@2", moments: moments(4, 2, 4) },
    ],
    logs: [{ path: logFile(HEADER), start: HEADER.length }],
  });
  expect(summary.split("\n").slice(-4, -2)).toEqual(["m@1              2 rows, MAE 2, RMSE 2", "m@2              4 rows, MAE 0.5, RMSE 1"]);
});

test("a run whose errors are beyond the largest double says so", () => {
  const logPath = logFile(`${HEADER}a,1.7e+308,0,1.7e+308\nb,-1.7e+308,1.7e+308,Infinity\n`);
  const summary = summarise({
    sent: 2,
    seconds: 1,
    malformed: 0,
    refused: 0,
    before: undefined,
    now: undefined,
    logs: [{ path: logPath, start: HEADER.length }],
  });
  expect(summary).toContain("logged           2\n");
  for (const name of ["MAE  ", "RMSE ", "R²   "])
    expect(summary).toContain(`${name}            overflow (the errors or their sums are beyond 1.8e308)\n`);
});
