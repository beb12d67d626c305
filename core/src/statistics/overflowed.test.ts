import { expect, test } from "vitest";
import { bias, mae, mergeMoments, momentsOf, r2, rmse } from "./moments.js";
import { overflowed } from "./overflowed.js";

function figures(yTrue: readonly number[], yPred: readonly number[]) {
  const moments = momentsOf(Float64Array.from(yTrue), Float64Array.from(yPred));
  return { count: moments.count, statistics: { mae: mae(moments), rmse: rmse(moments), r2: r2(moments), bias: bias(moments) } };
}

test("errors whose sum is beyond a double have no finite statistics", () => {
  const { count, statistics } = figures([1.7e308, -1.7e308], [200, 200]);
  expect(statistics).toEqual({ mae: Infinity, rmse: Infinity, r2: Number.NaN, bias: 0 });
  expect(overflowed(count, statistics)).toEqual(["mae", "rmse", "r2"]);
});

test("rows that come after do not make the sums finite again", () => {
  const huge = momentsOf(Float64Array.of(1.7e308, -1.7e308), Float64Array.of(0, 0));
  const later = mergeMoments(mergeMoments(huge, momentsOf(Float64Array.of(1, 2), Float64Array.of(1, 3))), huge);
  expect([mae(later), rmse(later), r2(later)]).toEqual([Infinity, Infinity, Number.NaN]);
});

test("too few rows are no overflow", () => {
  const { count, statistics } = figures([1], [2]);
  expect(overflowed(count, statistics)).toEqual([]);
  expect(overflowed(0, { mae: Number.NaN, r2: Number.NaN })).toEqual([]);
});
