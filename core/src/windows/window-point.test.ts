import { labelOne } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { ErrorWindow } from "./error-window.js";
import { windowJson } from "./window-json.js";
import { windowPoint } from "./window-point.js";

const MINUTE = 60_000;

/** A minute with these labels and predictions, and two predictions without a label. */
function windowOf(pairs: readonly (readonly [yTrue: number, yPred: number])[]): ErrorWindow {
  const window = new ErrorWindow("1m", 5 * MINUTE);
  for (const [yTrue, yPred] of pairs) {
    window.predict(0, 5 * MINUTE);
    labelOne(window, { yTrue, yPred, lagMs: 1_000, model: "m", tenth: 0 });
  }
  window.predict(0, 5 * MINUTE);
  window.predict(0, 5 * MINUTE);
  return window;
}

test("has the figures of the window", () => {
  const point = windowPoint(
    windowOf([
      [10, 12],
      [20, 14],
    ]).save(),
  );
  expect(point).toMatchObject({ start: 300_000, end: 360_000, predicted: 4, labelled: 2, coverage: 0.5, mae: 4 });
  expect(point.estimate?.value).toBe(4);
});

test("agrees with the figures that are served, to the last bit", () => {
  const saved = windowOf([
    [0.1, 0.3],
    [1e9, 7],
    [-5, 2.2],
    [1e-9, 3],
  ]).save();
  const { mae, coverage, estimated_mae, estimated_low, estimated_high } = windowJson(saved, [], 0);
  const point = windowPoint(saved);
  expect([point.mae, point.coverage]).toEqual([mae, coverage]);
  expect(point.estimate).toMatchObject({ value: estimated_mae, low: estimated_low, high: estimated_high });
});

test("of no labels has no MAE and no estimate", () => {
  expect(windowPoint(windowOf([]).save())).toMatchObject({ mae: Number.NaN, estimate: undefined, coverage: 0 });
});
