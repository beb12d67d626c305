import { expect, test } from "vitest";
import { axisFigure, axisLabels, comparison, count, counted, duration, figure, moment, percent } from "./format.js";

test.each([
  [null, "–"],
  [undefined, "–"],
  [0, "0"],
  [43.27745202531506, "43.277"],
  [-0.0421634, "−0.042163"],
  [1_234_567, "1,234,600"],
  [1.7e308, "1.7e308"],
  [1e-7, "1e−7"],
  [0.000_123_456, "0.00012346"],
])("the figure %s is %s", (value, text) => {
  expect(figure(value)).toBe(text);
});

test.each([
  [0, "0"],
  [100_000, "100,000"],
  [-50_000, "−50,000"],
  [-100_000, "−1e5"],
  [5_000_000, "5e6"],
  [1_000_100, "1.0001e6"],
  [0.000_123_456, "1.2346e−4"],
])("at an axis %s is %s", (value, text) => {
  expect(axisFigure(value)).toBe(text);
});

test.each([
  [1, "100.0 %"],
  [0.9999, "99.9 %"],
  [0.306, "30.6 %"],
  [0, "0.0 %"],
  [null, "–"],
])("the share %s is %s", (value, text) => {
  expect(percent(value)).toBe(text);
});

test.each([
  [44, 40, "+10 % on reference 40"],
  [39, 40, "−2.5 % on reference 40"],
  [40, 40, "±0 % on reference 40"],
  [33_341, 8, "4,170 times the reference 8"],
  [1, 0, "reference 0"],
])("%d against %d is %s", (value, reference, text) => {
  expect(comparison(value, reference)).toBe(text);
});

test("what is counted has its plural", () => {
  expect([counted(1, "row"), counted(2_000, "row"), counted(0, "row")]).toEqual(["1 row", "2,000 rows", "0 rows"]);
});

test.each([
  [0.05, "50 ms"],
  [1.28, "1.3 s"],
  [90, "90 s"],
  [7_200, "2 h"],
  [400_000, "4.6 d"],
  [null, "–"],
])("%s s is %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("counts and moments are the same wherever the browser is", () => {
  expect([count(1_000_000), moment("2026-11-28T09:00:00.000Z"), moment(0)]).toEqual(["1,000,000", "2026-11-28 09:00", "1970-01-01 00:00"]);
});

test("an axis has hours, and the day where one begins", () => {
  const midnight = Date.UTC(2026, 10, 29) / 1_000;
  expect(axisLabels([midnight - 3_600, midnight, midnight + 3_600], 3_600)).toEqual(["23:00\n28 Nov", "00:00\n29 Nov", "01:00"]);
  expect(axisLabels([midnight, midnight + 86_400], 86_400)).toEqual(["29 Nov\n2026", "30 Nov"]);
  expect(axisLabels([midnight + 30], 15)).toEqual(["00:00:30\n29 Nov"]);
});
