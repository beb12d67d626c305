import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Balance } from "@streamgauge/metrics";
import { expect, onTestFinished, test } from "vitest";
import { summarise } from "./summary.js";

const HEADER = "id,y_true,y_pred,absolute_error\n";
const NONE: Balance = { received: 0, logged: 0, unmatched: 0, deadLettered: 0, duplicates: 0, conflicts: 0 };

function logFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "streamgauge-summary-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
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
    logPath: logFile(`${earlier}a,1,2,1\nb,2,2,0\nc,6,3,3\n`),
    logStart: earlier.length,
  });
  // Errors 1, 0 and 3: MAE 4/3, RMSE √(10/3); y_true has the mean 3 and squares of 14, so R² is 1 - 10/14.
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
    "seconds          2.00",
    "rows/s           1,005",
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
    logPath,
    logStart: HEADER.length,
  });
  expect(summary).toContain("MAE              –\nRMSE             –\nR²               –\n");
  expect(summary).toContain("refused          5\n");
});
