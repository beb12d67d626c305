import { seededNumbers } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { confidenceSequence } from "./confidence-sequence.js";

describe("the confidence sequence", () => {
  test("is what the formula says", () => {
    // ρ² = (5.991465 + ln 6.991465)/1000 = 0.007936155; t ρ² + 1 = 8.93614 at t = 1000.
    // margin = 2 · √(2 · 8.93614 / (10⁶ · 0.00793614) · ln(√8.93614 / 0.05)) = 0.1919635
    const interval = confidenceSequence(1_000, 5, 4);
    expect(interval?.mean).toBe(5);
    expect(interval?.upper).toBeCloseTo(5.1919635, 4);
    expect(interval?.lower).toBeCloseTo(4.8080365, 4);
  });

  test("says nothing of a few values", () => {
    expect(confidenceSequence(99, 0, 1)).toBeUndefined();
  });

  test("holds the mean at every one of 5,000 looks, in at least 95 of 100 runs", () => {
    let missed = 0;
    for (let run = 1; run <= 400; run += 1) {
      const next = seededNumbers(run);
      let [count, mean, squares] = [0, 0, 0];
      let isMissed = false;
      while (count < 5_000) {
        // Exponential with mean 1: skewed, as absolute errors are.
        const value = -Math.log(1 - next());
        count += 1;
        const off = value - mean;
        mean += off / count;
        squares += off * (value - mean);
        const interval = confidenceSequence(count, mean, squares / count);
        isMissed ||= interval !== undefined && (interval.lower > 1 || interval.upper < 1);
      }
      missed += isMissed ? 1 : 0;
    }
    expect(missed / 400).toBeLessThanOrEqual(0.05);
  });
});
