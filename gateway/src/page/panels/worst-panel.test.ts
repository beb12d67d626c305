import { expect, test } from "vitest";
import { shortId, textsOf } from "./worst-panel.js";

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
  expect(textsOf(ROW)).toEqual(["2026-01-05 00:00:01", "151", "206.12", "55.117", "55.117", "m@1", "1,235"]);
});

test("a row whose label was corrected says so, and keeps the error by which it is ranked", () => {
  expect(textsOf({ ...ROW, y_true: 205, error: 1.116677 }).slice(1, 5)).toEqual(["205 (corrected, was 151)", "206.12", "1.1167", "55.117"]);
});

test("a log that is not the champion's is named", () => {
  expect(textsOf({ ...ROW, log: "metric_log.challenger.csv" }).at(-1)).toBe("1,235 of metric_log.challenger.csv");
});

test("an error beyond the largest double is no figure", () => {
  expect(textsOf({ ...ROW, error: null, largest_error: null, model: "" }).slice(3, 6)).toEqual([
    "overflow",
    "overflow",
    "without a version",
  ]);
});

test.each([
  ["row-1", "row-1"],
  ["x".repeat(48), "x".repeat(48)],
  ["x".repeat(49), `${"x".repeat(47)}…`],
  ["😀".repeat(128), `${"😀".repeat(47)}…`],
])("the id %s is shown as %s", (id, shown) => {
  expect(shortId(id)).toBe(shown);
});
