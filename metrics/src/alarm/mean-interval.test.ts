import { expect, test } from "vitest";
import { exponentialLosses } from "../testing/loss-streams.js";
import { meanInterval } from "./mean-interval.js";

test("by the formula: 100 rows with mean 2 and variance 1", () => {
  // ρ² = (2·ln 20 + ln(2·ln 20 + 1)) / 500 = 0.015872; the margin is √(2·(100ρ² + 1) / (100²ρ²) · ln(√(100ρ² + 1) / 0.05)).
  const rho = (2 * Math.log(20) + Math.log(2 * Math.log(20) + 1)) / 500;
  expect(rho).toBeCloseTo(0.015_872, 6);
  const { low = 0, high = 0 } = meanInterval(100, 200, 500) ?? {};
  expect(high - 2).toBeCloseTo(0.3364, 3);
  expect(2 - low).toBeCloseTo(high - 2, 12);
});

test.each([
  ["one row", 1, 5, 25],
  ["a sum that overflowed", 10, Infinity, Infinity],
  ["squares that overflowed", 10, 1e200, Infinity],
])("%s: none", (_, rows, sum, squares) => {
  expect(meanInterval(rows, sum, squares)).toBeUndefined();
});

test("it is at least 0", () => {
  expect(meanInterval(4, 4, 16)?.low).toBe(0);
});

test("it holds at all numbers of rows from 30 on at once, in at least 95 % of streams", () => {
  const streams = 400;
  let held = 0;
  for (let seed = 0; seed < streams; seed += 1) {
    const losses = exponentialLosses(seed);
    let [sum, squares, holds] = [0, 0, true];
    for (let rows = 1; rows <= 2_000; rows += 1) {
      const loss = losses();
      sum += loss;
      squares += loss * loss;
      const { low = 0, high = Infinity } = rows < 30 ? {} : (meanInterval(rows, sum, squares) ?? {});
      holds &&= low <= 1 && high >= 1;
    }
    if (holds) held += 1;
  }
  expect(held / streams).toBeGreaterThanOrEqual(0.95);
});
