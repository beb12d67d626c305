import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { simulateAlarms } from "./simulate-log.js";
import { simulationJson, simulationText } from "./simulation-text.js";

const HEADER = "id,y_true,y_pred,absolute_error";
const SETTINGS = { every: { rows: 100_000 }, tolerance: 0.05, referenceRows: 1_000, season: "none" } as const;
const folder = freshFolder();

function written(text: string): string {
  const path = join(folder.path, "past.csv");
  writeFileSync(path, text);
  return path;
}

/** 1,500 rows with an error of 1, then rows with an error of 2. */
function doublingLog(rows: number, lineBreak = "\n"): string {
  const lines = Array.from({ length: rows }, (_, i) => (i < 1_500 ? `r${i},1,2,1` : `r${i},1,3,2`));
  return [HEADER, ...lines].join(lineBreak);
}

test("a log whose error doubles with row 1,501", () => {
  const simulation = simulateAlarms(written(`${doublingLog(1_550)}\n`), SETTINGS);
  // m = 1.05, as constant errors have no spread. Each row multiplies the bet of 0.3 by 1 + 0.3 · (2 / 1.05 − 1) = 1.2714, from R = 50 or
  // so: 8 · 100,000 is reached within ln(16,000) / ln(1.2714) = 41 rows.
  expect(simulationJson(simulation)).toEqual({
    rows: 1_550,
    baseline: 1.05,
    alarms: [{ row: expect.any(Number), since_row: 1_501, kind: "worse", mean_before: 1, mean_since: 2 }],
  });
  expect(simulation.alarms[0]?.row).toBeGreaterThan(1_530);
  expect(simulation.alarms[0]?.row).toBeLessThan(1_545);
});

test.each([
  ["line breaks of Windows", doublingLog(1_100, "\r\n")],
  ["no line break at the end", doublingLog(1_100)],
])("%s: no row is missed", (_, text) => {
  expect(simulateAlarms(written(text), SETTINGS)).toMatchObject({ rows: 1_100, malformed: { lines: 0 } });
});

test("errors are read as they are written", () => {
  expect(simulateAlarms(written(`${HEADER}\na,1,2.004,1\n`), SETTINGS)).toMatchObject({ rows: 1, malformed: { lines: 0 } });
});

test("malformed lines are counted, and left out", () => {
  const simulation = simulateAlarms(written(`${HEADER}\na,1,2,1\nnonsense\nb,1,2,1\n`), SETTINGS);
  expect(simulation).toMatchObject({ rows: 2, malformed: { lines: 1, first: HEADER.length + 1 + 8 } });
});

test("a log that is shorter than the reference has no baseline", () => {
  const path = written(`${HEADER}\na,1,2,1\n`);
  expect(simulationJson(simulateAlarms(path, SETTINGS))).toEqual({ rows: 1, baseline: null, alarms: [] });
  expect(simulationText(simulateAlarms(path, SETTINGS), path, 100_000)).toContain(
    "No baseline: the reference was not complete after 1 rows.",
  );
  expect(simulationJson(simulateAlarms(written(`${HEADER}\n`), SETTINGS))).toEqual({ rows: 0, baseline: null, alarms: [] });
});

test.each([
  ["an empty file", "", 'is no metric log: it begins with "", not with "id,y_true,y_pred,absolute_error".'],
  ["another table", "a,b\n1,2\n", 'is no metric log: it begins with "a,b", not with "id,y_true,y_pred,absolute_error".'],
  ["lines of something else", `${HEADER}\n1,2\n3,4\n`, "is no metric log: none of its 2 lines is one of a log."],
])("%s is refused", (_, text, problem) => {
  const path = written(text);
  expect(() => simulateAlarms(path, SETTINGS)).toThrow(`${path} ${problem}`);
});

test("a file that is not there is refused, and a folder too", () => {
  expect(() => simulateAlarms(join(folder.path, "no.csv"), SETTINGS)).toThrow(
    /no\.csv cannot be read: ENOENT.*\. Name a metric log, such as metric_log\.csv in LOGS_DIR\.$/,
  );
  expect(() => simulateAlarms(folder.path, SETTINGS)).toThrow(/cannot be read: EISDIR/);
});
