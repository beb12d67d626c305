import { ErrorWindow, type SavedWindow } from "@streamgauge/core/windows";
import { labelOne } from "@streamgauge/testing";
import { describe, expect, test, vi } from "vitest";
import { figuresOf, merged } from "./window-figures.js";

/** A minute with these errors, and predictions without a label. */
function minute(model: string, errors: readonly number[], unlabelled = 0): SavedWindow {
  const window = new ErrorWindow("1m", 0);
  for (const error of errors) {
    window.predict(0, 0);
    labelOne(window, { yTrue: 10, yPred: 10 + error, lagMs: 1_500, model, tenth: 0 });
  }
  for (let i = 0; i < unlabelled; i += 1) window.predict(0, 0);
  return window.save();
}

describe("The figures of several windows", () => {
  test("are those of all of their rows", () => {
    const figures = figuresOf(merged("1m", [minute("m@1", [1, -3], 2), minute("m@1", [5])]), "m@1");
    expect(figures).toMatchObject({ predicted: 5, labelled: 3, bias: 1 });
    expect(figures.ofModel).toEqual({ labelled: 3, mae: 3, rmse: Math.sqrt(35 / 3) });
    // numpy: quantile([1, 3, 5], 0.95) = 4.8
    expect(figures.p95).toBeCloseTo(4.8, 1);
    // Between 1,024 and 2,048 ms.
    expect(figures.lagP95Ms).toBeGreaterThanOrEqual(1_024);
    expect(figures.lagP95Ms).toBeLessThanOrEqual(2_048);
    expect(figures.lagP95AtLeastMs).toBe(1_024);
  });

  test("know how many of the announced intervals held the label", () => {
    const window = new ErrorWindow("1m", 0);
    for (const halfWidth of [2, 4, 6, Number.NaN]) labelOne(window, { yTrue: 10, yPred: 15, model: "m@1", tenth: 0, halfWidth });
    // Of 13 to 17, 11 to 19 and 9 to 21 only the last one holds 10.
    expect(figuresOf(merged("1m", [window.save()]), "m@1").intervals).toEqual({ rows: 3, coverage: 1 / 3 });
  });

  test("take no time for quantiles that no rule asks for", () => {
    const whole = merged("1m", [minute("m@1", [1, -3])]);
    const errors = vi.spyOn(whole, "errors");
    const figures = figuresOf(whole, "m@1");
    expect([figures.ofModel.mae, errors.mock.calls.length]).toEqual([2, 0]);
    expect(figures.p95).toBeCloseTo(2.9, 1);
  });

  test("of several model versions are those of one, and bias and p95 are not known", () => {
    const figures = figuresOf(merged("1m", [minute("m@1", [1, 3]), minute("m@2", [10])]), "m@2");
    expect(figures).toMatchObject({ labelled: 3, ofModel: { labelled: 1, mae: 10, rmse: 10 }, bias: Number.NaN, p95: Number.NaN });
  });

  test("of no window, or of a version without rows, are not known", () => {
    expect(figuresOf(merged("1m", []), "m@1")).toEqual({
      predicted: 0,
      labelled: 0,
      ofModel: { labelled: 0, mae: Number.NaN, rmse: Number.NaN },
      bias: Number.NaN,
      p95: Number.NaN,
      intervals: { rows: 0, coverage: Number.NaN },
      lagP95Ms: Number.NaN,
      lagP95AtLeastMs: Number.NaN,
    });
    expect(figuresOf(merged("1m", [minute("m@1", [1])]), "m@3").ofModel.labelled).toBe(0);
  });
});
