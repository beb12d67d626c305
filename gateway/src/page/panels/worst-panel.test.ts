import { expect, test } from "vitest";
import { hours, reportContent } from "../../testing/report-content.js";
import type { View } from "./panel.js";
import { shortId } from "./row-cells.js";
import { textsOf, worstNote, worstText } from "./worst-panel.js";

const ROW = {
  id: "row-1",
  event_time: "2026-01-05T00:00:01.250Z",
  row: 1_235,
  log: "metric_log.csv",
  model: "m@1",
  y_true: 151,
  first_y_true: 151,
  y_pred: 206.116677,
  error: 55.116677,
  largest_error: 55.116677,
  prediction: null,
};

test("a row is shown with its figures and its place in the log", () => {
  expect(textsOf(ROW)).toEqual(["55.117", "206.12", "151", "2026-01-05 00:00:01", "55.117", "m@1", "1,235"]);
});

test("a row whose label was corrected says so, and keeps the error by which it is ranked", () => {
  const corrected = textsOf({ ...ROW, y_true: 205, error: 1.116677 });
  expect(corrected.slice(0, 5)).toEqual(["1.1167", "206.12", "205 (corrected, was 151)", "2026-01-05 00:00:01", "55.117"]);
});

test("a log that is not the champion's is named", () => {
  expect(textsOf({ ...ROW, log: "metric_log.challenger.csv" }).at(-1)).toBe("1,235 of metric_log.challenger.csv");
});

test("an error beyond the largest double is no figure", () => {
  const texts = textsOf({ ...ROW, error: null, largest_error: null, model: "" });
  expect([texts[0], ...texts.slice(4, 6)]).toEqual(["overflow", "overflow", "without a version"]);
});

/** A sum of windows that lists so many rows, of which the first ones are of one version. */
function summaryOf(rows: number, labelled: number, certain: number, ofFirst = rows): View["summary"] {
  const worst = Array.from({ length: rows }, (_, i) => ({ ...ROW, model: i < ofFirst ? "m@1" : "m@2" }));
  const { summary } = reportContent(hours(1));
  return summary === null ? null : { ...summary, labelled, worst, worst_certain: certain };
}

const KEEPS = "a corrected row keeps the place of the largest error that it had";

test.each([
  [10, 1_234, `the 10 rows of the range with the largest errors; ${KEEPS}`],
  [1, 1, `all labelled rows of the range; ${KEEPS}`],
  [10, 10, `all labelled rows of the range; ${KEEPS}`],
  [0, 0, ""],
])("%s of %s rows are listed as %s", (rows, labelled, text) => {
  expect(worstText(summaryOf(rows, labelled, rows))).toBe(text);
});

const EARLIER = "an earlier version of Streamgauge counted some rows of the range, and kept fewer of the worst.";

test.each([
  ["nothing if nothing is missing", [10, 99, 10], "", ""],
  ["that labels are missing", [0, 0, 0], "", "There are none yet: they need labels."],
  ["how many are of the version that is shown", [10, 99, 10, 3], "m@1", "Of these 10 rows, 3 are of m@1."],
  ["that none is of it", [10, 99, 10], "m@3", "Of these 10 rows, 0 are of m@3."],
  ["which are certain", [10, 99, 4], "", `Behind the first 4 of them worse rows may be missing: ${EARLIER}`],
  ["both", [10, 99, 0, 1], "m@1", `Of these 10 rows, 1 is of m@1. Worse rows may be missing here: ${EARLIER}`],
  ["that all may be missing", [0, 99, 0], "", `Worse rows may be missing here: ${EARLIER}`],
] as const)("below them stands %s", (_, [rows, labelled, certain, ofFirst], model, text) => {
  expect(worstNote(summaryOf(rows, labelled, certain, ofFirst), model)).toBe(text);
});

test.each([
  ["row-1", "row-1"],
  ["x".repeat(48), "x".repeat(48)],
  ["x".repeat(49), `${"x".repeat(47)}…`],
  ["😀".repeat(128), `${"😀".repeat(47)}…`],
])("the id %s is shown as %s", (id, shown) => {
  expect(shortId(id)).toBe(shown);
});
