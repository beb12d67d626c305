import { DIABETES_PRED, DIABETES_TRUE } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { ErrorStatistics } from "../error-statistics.js";
import { METRICS, type MetricName } from "./metric-table.js";

/** What a metric is of some sets of pairs. */
interface Row {
  /** Of the linear regression on the diabetes study: scikit-learn 1.2.1, quantiles by numpy. */
  readonly study: number;
  /** Of y_true 1, 2, 6 and y_pred 2, 1, 10. */
  readonly worked: number;
  /** Of y_true 3 and y_pred 5. */
  readonly onePair: number;
  /** Of no pairs. */
  readonly none: number;
  /** Of y_true 0.1, 0.1, 0.1 and y_pred 0.1, 0.2, 0.1. */
  readonly equalTruths: number;
  /** Of y_true 1.7e308, -1.7e308 and y_pred 200, 200. */
  readonly huge: number;
  /** Of y_true 1.7e308, 1, 2 and y_pred -1.7e308, 1, 2: one error is beyond the largest double. */
  readonly beyond: number;
}

const NONE = Number.NaN;

const EXPECTED: Readonly<Record<MetricName, Row>> = {
  mae: { study: 43.27745202531506, worked: 2, onePair: 2, none: NONE, equalTruths: 0.1 / 3, huge: Infinity, beyond: Infinity },
  rmse: {
    study: 53.476128764026576,
    worked: Math.sqrt(6),
    onePair: 2,
    none: NONE,
    equalTruths: 0.1 / Math.sqrt(3),
    huge: Infinity,
    beyond: Infinity,
  },
  r2: { study: 0.5177484222203498, worked: 1 - 18 / 14, onePair: NONE, none: NONE, equalTruths: 0, huge: NONE, beyond: NONE },
  // A least-squares fit has no bias on its own rows.
  bias: { study: 0, worked: 4 / 3, onePair: 2, none: NONE, equalTruths: 0.1 / 3, huge: 0, beyond: -Infinity },
  p50: { study: 38.52476456738316, worked: 1, onePair: 2, none: NONE, equalTruths: 0, huge: 1.7e308, beyond: 0 },
  p95: { study: 99.18081732555115, worked: 3.7, onePair: 2, none: NONE, equalTruths: 0.09, huge: 1.7e308, beyond: Infinity },
  p99: { study: 130.38507507222656, worked: 3.94, onePair: 2, none: NONE, equalTruths: 0.098, huge: 1.7e308, beyond: Infinity },
  max_error: { study: 155.8267661215517, worked: 4, onePair: 2, none: NONE, equalTruths: 0.1, huge: 1.7e308, beyond: Infinity },
};

function statisticsOf(yTrue: readonly number[], yPred: readonly number[]): ErrorStatistics {
  const statistics = new ErrorStatistics();
  statistics.add(Float64Array.from(yTrue), Float64Array.from(yPred));
  return statistics;
}

const CASES: readonly (readonly [keyof Row, ErrorStatistics])[] = [
  ["study", statisticsOf(DIABETES_TRUE, DIABETES_PRED)],
  ["worked", statisticsOf([1, 2, 6], [2, 1, 10])],
  ["onePair", statisticsOf([3], [5])],
  ["none", statisticsOf([], [])],
  ["equalTruths", statisticsOf([0.1, 0.1, 0.1], [0.1, 0.2, 0.1])],
  ["huge", statisticsOf([1.7e308, -1.7e308], [200, 200])],
  ["beyond", statisticsOf([1.7e308, 1, 2], [-1.7e308, 1, 2])],
];

describe.each(METRICS.map(({ name }) => name))("%s", (name) => {
  test.each(CASES)("of the pairs %s", (pairs, statistics) => {
    const expected = EXPECTED[name][pairs];
    const value = statistics.values()[name];
    if (Number.isFinite(expected)) expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)));
    else expect(value).toBe(expected);
  });
});

test("R² of equal truths that are all predicted is 1", () => {
  expect(statisticsOf([0.1, 0.1], [0.1, 0.1]).values().r2).toBe(1);
});

test("names are unique", () => {
  expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length);
});
