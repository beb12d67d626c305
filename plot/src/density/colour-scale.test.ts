import { expect, test } from "vitest";
import { colourOf, legendCounts, shareOf } from "./colour-scale.js";

test.each([
  [1, [1]],
  [7, [1, 7]],
  [13, [1, 13]],
  [556, [1, 10, 100, 556]],
  [1_104, [1, 10, 100, 1_104]],
  [1e9, [1, 100, 10_000, 1_000_000, 1e9]],
])("of at most %d rows the legend names %j", (largest, counts) => {
  expect(legendCounts(largest)).toEqual(counts);
});

test("one row has the palest colour, the fullest bin the darkest, and 10 of 100 is halfway", () => {
  expect([shareOf(1, 100), shareOf(10, 100), shareOf(100, 100)]).toEqual([0, 0.5, 1]);
  expect([colourOf(0), colourOf(0.5), colourOf(1)]).toEqual(["rgb(207,229,244)", "rgb(63,143,198)", "rgb(11,36,64)"]);
});

test("bins of one row each are of the middle colour", () => {
  expect(shareOf(1, 1)).toBe(0.5);
});
