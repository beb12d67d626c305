import { expect, test } from "vitest";
import { ErrorStatistics } from "./error-statistics.js";
import { overflowed } from "./overflowed.js";

function statisticsOf(...batches: readonly (readonly [yTrue: readonly number[], yPred: readonly number[]])[]): ErrorStatistics {
  const statistics = new ErrorStatistics();
  for (const [yTrue, yPred] of batches) statistics.add(Float64Array.from(yTrue), Float64Array.from(yPred));
  return statistics;
}

function beyond(statistics: ErrorStatistics): string[] {
  return overflowed(statistics.count, statistics.values());
}

test("errors whose sum is beyond a double have no finite MAE, RMSE and R²", () => {
  expect(
    beyond(
      statisticsOf([
        [1.7e308, -1.7e308],
        [200, 200],
      ]),
    ),
  ).toEqual(["mae", "rmse", "r2"]);
});

test("an error beyond a double has no finite statistics but the median", () => {
  expect(
    beyond(
      statisticsOf([
        [1.7e308, 1, 2],
        [-1.7e308, 1, 2],
      ]),
    ),
  ).toEqual(["mae", "rmse", "r2", "bias", "p95", "p99", "max_error"]);
});

test("rows that come after do not make the sums finite again", () => {
  expect(
    beyond(
      statisticsOf(
        [
          [1.7e308, -1.7e308],
          [0, 0],
        ],
        [
          [1, 2],
          [1, 3],
        ],
      ),
    ),
  ).toEqual(["mae", "rmse", "r2"]);
});

test("too few rows are no overflow", () => {
  expect(beyond(statisticsOf([[1], [2]]))).toEqual([]);
  expect(beyond(statisticsOf())).toEqual([]);
});
