import type { SegmentRowsJson } from "@streamgauge/core/windows";
import { expect, test } from "vitest";
import { rowsText, rowTexts } from "./segment-rows.js";

const ROW: SegmentRowsJson["rows"][number] = {
  id: "r1",
  event_time: "2026-01-05T00:00:01.500Z",
  y_true: 1,
  first_y_true: 1,
  y_pred: 3.5,
  absolute_error: 2.5,
  row: 1234,
  log: "metric_log.csv",
  bins: ["bmi 5 to 6", 'city "Rome"', "age 1 to 2", "bp missing", "prediction 1 to 2"].map((text) => ({
    feature: text.split(" ")[0] ?? "",
    text,
  })),
  prediction: null,
};
const FOUND: SegmentRowsJson = {
  segment: "bmi 5 to 6",
  where: [],
  model: "m@1",
  order: "worst",
  count: 1_200,
  looked_at: 20_000,
  is_whole: true,
  unanswered: [],
  rows: [ROW, ROW],
};

test("the sentence above the rows says which they are", () => {
  expect(rowsText(FOUND, "bmi 5 to 6")).toBe("The 2 rows of 1,200 of bmi 5 to 6 with the largest errors.");
  expect(rowsText({ ...FOUND, count: 2 }, "bmi 5 to 6")).toBe("All 2 rows of bmi 5 to 6, those with the largest errors first.");
  expect(rowsText({ ...FOUND, order: "latest", rows: [ROW] }, "bmi 5 to 6")).toBe("The 1 row of 1,200 of bmi 5 to 6 that happened last.");
  expect(rowsText(null, "bmi 5 to 6")).toBe("There are no rows of bmi 5 to 6 in these hours.");
});

test("what was not looked at is said", () => {
  expect(rowsText({ ...FOUND, rows: [], count: 0, is_whole: false, looked_at: 2_000_000 }, "bmi 5 to 6")).toBe(
    "There are no rows of bmi 5 to 6 in these hours. Only the latest 2,000,000 rows of the log were looked at.",
  );
  expect(rowsText({ ...FOUND, unanswered: ["champion.1of2"] }, "bmi 5 to 6")).toBe(
    "The 2 rows of 1,200 of bmi 5 to 6 with the largest errors. Rows of champion.1of2 are missing: their metrics did not answer.",
  );
});

test("a row has its figures, and three values of other features", () => {
  expect(rowTexts(ROW, new Set(["bmi"]))).toEqual([
    "2.5",
    "3.5",
    "1",
    "2026-01-05 00:00:01",
    "1,234",
    'city "Rome"; age 1 to 2; bp missing',
  ]);
  expect(rowTexts({ ...ROW, first_y_true: 7, absolute_error: null, log: "metric_log.b.csv" }, new Set(["bmi", "city"]))).toEqual([
    "overflow",
    "3.5",
    "1 (corrected, was 7)",
    "2026-01-05 00:00:01",
    "1,234 of metric_log.b.csv",
    "age 1 to 2; bp missing; prediction 1 to 2",
  ]);
});
