import { expect, test } from "vitest";
import { ErrorStatistics } from "./error-statistics.js";
import { forEachMetric } from "./metrics/metric-table.js";
import { overflowed } from "./overflowed.js";

test("a metric that is infinite, or NaN of enough pairs, is overflowed", () => {
  const values = { ...forEachMetric(() => 1), mae: Infinity, r2: Number.NaN, bias: -Infinity };
  expect(overflowed(2, values)).toEqual(["mae", "r2", "bias"]);
});

test("a metric that is NaN of too few pairs is not", () => {
  expect(overflowed(1, { ...forEachMetric(() => 1), r2: Number.NaN })).toEqual([]);
  expect(
    overflowed(
      0,
      forEachMetric(() => Number.NaN),
    ),
  ).toEqual([]);
});

test("rows that come after do not make sums finite again", () => {
  const statistics = new ErrorStatistics();
  statistics.add(Float64Array.of(1.7e308, -1.7e308), Float64Array.of(0, 0));
  statistics.add(Float64Array.of(1, 2), Float64Array.of(1, 3));
  const { mae, rmse, r2 } = statistics.values();
  expect({ mae, rmse, r2 }).toEqual({ mae: Infinity, rmse: Infinity, r2: Number.NaN });
});
