import { expect, test } from "vitest";
import { percentile, spreadOf } from "./percentile.js";

const HUNDRED = Array.from({ length: 100 }, (_, i) => i + 1);

// numpy.percentile(range(1, 101), [...], method="inverted_cdf")
test.each([
  [0, 1],
  [0.5, 50],
  [0.505, 51],
  [0.99, 99],
  [0.999, 100],
  [1, 100],
])("the percentile %f of 1 … 100 is %d", (share, expected) => {
  expect(percentile(HUNDRED, share)).toBe(expected);
});

test("nothing has no percentile", () => {
  expect(percentile([], 0.5)).toBeNaN();
});

test.each([
  [[7], { median: 7, min: 7, max: 7 }],
  [[3, 1, 2], { median: 2, min: 1, max: 3 }],
  [[4, 1, 3, 2], { median: 2.5, min: 1, max: 4 }],
])("the spread of %j", (values, expected) => {
  expect(spreadOf(values)).toEqual(expected);
});
