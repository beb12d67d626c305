import { expect, it } from "vitest";
import { columnStatistics } from "./column-statistics.js";

it("gives the population standard deviation", () => {
  // Wikipedia, "Standard deviation", its worked example.
  expect(columnStatistics(Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9))).toEqual({ mean: 5, std: 2, min: 2, max: 9 });
});

it("keeps its digits when the mean is large beside the spread", () => {
  expect(columnStatistics(Float64Array.of(1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16))).toEqual({
    mean: 1e9 + 10,
    std: 4.743416490252569,
    min: 1e9 + 4,
    max: 1e9 + 16,
  });
});

it("sees that equal values are constant, though their sum is rounded", () => {
  expect(columnStatistics(new Float64Array(10).fill(0.1))).toEqual({ mean: 0.1, std: 0, min: 0.1, max: 0.1 });
});
