import { labelOne } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { ErrorWindow } from "./error-window.js";
import { NO_TENTH } from "./labelled-row.js";
import { WINDOW_FORMAT } from "./saved-window.js";
import { WindowSum } from "./window-summary.js";

const MONDAY = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;

/** The sum of windows, one for each list of errors. */
function sumOf(windows: readonly (readonly number[])[], tenth = NO_TENTH) {
  const sum = new WindowSum();
  for (const [i, errors] of windows.entries()) {
    const window = new ErrorWindow("1h", MONDAY + i * HOUR);
    window.predict(tenth, 0);
    for (const error of errors) {
      window.predict(tenth, 0);
      labelOne(window, { yTrue: 0, yPred: error, lagMs: 1_000, model: "m@1", tenth });
    }
    sum.add(window.save(), "champion");
  }
  return sum.summary();
}

describe("a sum of windows", () => {
  test("has the figures of all their rows", () => {
    expect(sumOf([[3, -1], [], [3, 20]])).toMatchObject({
      start: "2026-01-05T00:00:00.000Z",
      end: "2026-01-05T03:00:00.000Z",
      windows: 3,
      predicted: 7,
      labelled: 4,
      coverage: 4 / 7,
      mae: 6.75,
      bias: 6.25,
      max_error: 20,
      reference_mae: null,
      models: [{ model: "m@1", labelled: 4, mae: 6.75, rmse: Math.sqrt(419 / 4), r2: 0, bias: 6.25 }],
      tenths: [],
    });
  });

  test("has bins of the errors with and without their sign, by the same edges", () => {
    const { absolute = [], signed = [] } =
      sumOf([
        [3, -1],
        [3, 20],
      ]) ?? {};
    expect(absolute).toHaveLength(21);
    expect(absolute.filter(({ count }) => count > 0)).toEqual([
      { from: 1, to: 2, count: 1 },
      { from: 3, to: 4, count: 2 },
      { from: 20, to: 21, count: 1 },
    ]);
    expect([signed[0], signed.at(-1)]).toEqual([
      { from: -21, to: -20, count: 0 },
      { from: 20, to: 21, count: 1 },
    ]);
    expect(signed.filter(({ count }) => count > 0)).toEqual([
      { from: -2, to: -1, count: 1 },
      { from: 3, to: 4, count: 2 },
      { from: 20, to: 21, count: 1 },
    ]);
    expect(signed.find(({ to }) => to === 0)).toEqual({ from: -1, to: 0, count: 0 });
  });

  test("gathers what is far beyond the others, below zero too", () => {
    const { absolute = [], signed = [] } = sumOf([[...Array<number>(500).fill(1), -1_000_000, Infinity]]) ?? {};
    expect(absolute.at(-1)).toEqual({ from: expect.any(Number), to: null, count: 2 });
    expect(signed[0]).toEqual({ from: null, to: expect.any(Number), count: 1 });
    expect(signed.at(-1)).toMatchObject({ to: null, count: 1 });
    expect(signed.reduce((sum, { count }) => sum + count, 0)).toBe(502);
  });

  test("has the ten worst rows of all windows, with where they are", () => {
    const sum = new WindowSum();
    for (let hour = 0; hour < 6; hour += 1) {
      const window = new ErrorWindow("1h", MONDAY + hour * HOUR);
      // Most of the worst rows are of one window.
      for (let i = 0; i < (hour === 5 ? 12 : 6); i += 1) {
        const eventTime = MONDAY + hour * HOUR + i;
        labelOne(window, {
          yTrue: 1,
          yPred: hour === 5 ? 1 + 50 + i : 1 + hour + 10 * i,
          model: "m@1",
          tenth: NO_TENTH,
          id: `${hour}-${i}`,
          line: 6 * hour + i,
          eventTime,
        });
      }
      sum.add(window.save(), hour < 5 ? "challenger" : "champion.2of4");
    }
    const { worst = [], worst_certain: certain } = sum.summary() ?? {};
    expect(worst[0]).toEqual({
      id: "5-11",
      event_time: "2026-01-05T05:00:00.011Z",
      row: 42,
      log: "metric_log.2of4.csv",
      model: "m@1",
      y_true: 1,
      first_y_true: 1,
      y_pred: 62,
      error: 61,
      largest_error: 61,
      prediction: null,
    });
    expect(worst.map(({ error }) => error)).toEqual([61, 60, 59, 58, 57, 56, 55, 54, 54, 53]);
    expect(certain).toBe(10);
    expect(worst.find(({ id }) => id === "4-5")?.log).toBe("metric_log.challenger.csv");
  });

  test("says which of the worst rows are certain if an earlier version counted a window", () => {
    const sum = new WindowSum();
    for (const hour of [0, 1]) {
      const window = new ErrorWindow("1h", MONDAY + hour * HOUR);
      window.referenceMae = 7;
      for (let i = 0; i < 8; i += 1)
        labelOne(window, { yTrue: 0, yPred: 10 * i + hour, model: "m@1", tenth: NO_TENTH, id: `${hour}-${i}`, line: i });
      const { worstMissing: _missing, ...saved } = window.save();
      const second = JSON.stringify({ ...saved, version: 2, worst: saved.worst.slice(0, 5) });
      sum.add(hour === 0 ? WINDOW_FORMAT.read(second) : window.save(), "champion");
    }
    // Of the first hour 20 and what is below is missing: 30 is the fifth worst row of it.
    const { worst = [], worst_certain: certain } = sum.summary() ?? {};
    expect([worst.map(({ error }) => error), certain]).toEqual([[71, 70, 61, 60, 51, 50, 41, 40, 31, 30], 9]);
  });

  test("compares with the latest references of all partitions, weighted by their rows", () => {
    const sum = new WindowSum();
    const references = [
      [0, "champion.1of2", 9, 500],
      [0, "champion.2of2", 3, 3_000],
      [1, "champion.1of2", 4, 1_000],
    ] as const;
    for (const [hour, partition, mae, rows] of references) {
      const window = new ErrorWindow("1h", MONDAY + hour * HOUR);
      window.refer({ referenceMae: mae, referenceRows: rows });
      sum.add(window.save(), partition);
    }
    expect(sum.figures()?.reference_mae).toBe(3.25);
    expect(sum.summary()?.reference_mae).toBe(3.25);
  });

  test("says which figures are beyond the largest double", () => {
    const { overflowed, models, rmse, mae } = sumOf([[1e300, 3e300]]) ?? {};
    expect([mae, rmse, overflowed]).toEqual([2e300, null, ["rmse", "estimated_low", "estimated_high"]]);
    expect(models?.[0]).toMatchObject({ mae: 2e300, rmse: null, overflowed: ["rmse"] });
    expect(sumOf([[1, 2]])?.overflowed).toBeUndefined();
    expect(sumOf([[]])?.overflowed).toBeUndefined();
  });

  test("has predicted against actual", () => {
    expect(sumOf([[3, -1], [], [3, 20]])?.pairs).toEqual([
      {
        model: null,
        rows: 4,
        outside: 0,
        from: -1,
        width: 1,
        side: 22,
        cells: [
          [0, 1, 1],
          [4, 1, 2],
          [21, 1, 1],
        ],
      },
    ]);
  });

  test("of equal errors has one bin that is not empty, and no other side", () => {
    const { signed = [] } = sumOf([Array<number>(1_000).fill(-50)]) ?? {};
    expect(signed.filter(({ count }) => count > 0)).toEqual([{ from: -52, to: -50, count: 1_000 }]);
    expect(signed.every(({ to }) => to !== null && to <= 0)).toBe(true);
  });

  test("has quantiles of the errors, as far out as there are rows", () => {
    const errors = Array.from({ length: 21 }, (_, i) => i - 10);
    const quantiles = sumOf([errors.slice(0, 7), errors.slice(7)])?.error_quantiles ?? [];
    expect(quantiles.map(({ share }) => share)).toEqual([0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975]);
    // Each within a hundredth of the i-th smallest, i = round(20 share).
    const expected = [-9, -9, -8, -6, -4, -2, 0, 2, 4, 6, 8, 9, 10];
    for (const [i, { error }] of quantiles.entries())
      expect(Math.abs((error ?? Infinity) - (expected[i] ?? NaN))).toBeLessThanOrEqual(0.01 * Math.abs(expected[i] ?? NaN));
    expect(quantiles[2]?.normal).toBe(-1.2815515655446004);
    expect(sumOf([[]])?.error_quantiles).toEqual([]);
  });

  test("has the rows by tenth of the prediction", () => {
    expect(sumOf([[1, 3]], 4)?.tenths).toEqual([
      { tenth: 4, predicted: 3, labelled: 2, mae: 2, rmse: Math.sqrt(5), bias: 2, mean_true: 0, mean_pred: 2 },
    ]);
  });

  test("of no windows is nothing", () => {
    expect(new WindowSum().summary()).toBeUndefined();
  });
});
