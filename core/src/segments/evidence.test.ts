import { expect, test } from "vitest";
import { seededNumbers } from "../seeded-numbers.js";
import { bothOf, deviationOf, eValueOf, NO_EVIDENCE } from "./evidence.js";
import type { Sums } from "./bin-sums.js";

function sumsOf(errors: readonly number[]): Sums {
  return {
    rows: errors.length,
    absolute: errors.reduce((sum, error) => sum + error, 0),
    squares: errors.reduce((sum, error) => sum + error * error, 0),
    errors: 0,
  };
}

test("evidence of a block, by hand", () => {
  // Errors 4, 4 | 1, 1: the part has 0.8 of the error and 0.5 of the rows. Shares 0.4, 0.4, 0.1, 0.1 have variance 0.0225; √34/10 − 1/4 = 0.3330951894845301.
  const deviation = deviationOf(sumsOf([4, 4]), sumsOf([4, 4, 1, 1]));
  expect(deviation?.gain).toBeCloseTo(0.3 / 0.3330951894845301, 12);
  // Of a stake of 1: e − 2 times 2 · 0.0225 / 0.333…².
  expect(deviation?.prices[2]).toBeCloseTo(((2 * 0.0225) / 0.3330951894845301 ** 2) * (Math.E - 2), 12);
  expect(deviation?.relative).toBeCloseTo(0.6, 12);
  // 2 · ½ · 4/3 · 0.0225 / 0.25: all six ways to draw two rows have relative deviations 0.6, 0 four times, −0.6; the mean of their squares is 0.12.
  expect(deviation?.variance).toBeCloseTo(0.12, 12);
});

test("a known greatest error makes each stake cheaper, and none larger", () => {
  // The greatest share is 0.4: 0.15 above the mean, where √34/10 is 0.333 above it.
  const deviation = deviationOf(sumsOf([4, 4]), sumsOf([4, 4, 1, 1]), 4);
  const unknown = deviationOf(sumsOf([4, 4]), sumsOf([4, 4, 1, 1]), 1000);
  expect(deviation?.gain).toBeCloseTo(0.3 / 0.3330951894845301, 12);
  const x = 0.15 / 0.3330951894845301;
  expect(deviation?.prices[2]).toBeCloseTo(((2 * 0.0225) / 0.15 ** 2) * (Math.exp(x) - 1 - x), 12);
  expect(unknown?.gain).toBe(deviation?.gain);
  expect(unknown?.prices.map((price, i) => price > (deviation?.prices[i] ?? Infinity))).toEqual(Array.from({ length: 8 }, () => true));
});

test("a part that becomes bad stands out, though its errors were a little smaller than the others while all were alike", () => {
  const alike = deviationOf(
    sumsOf(Array.from({ length: 12 }, () => 0.98)),
    sumsOf([...Array.from({ length: 12 }, () => 0.98), ...Array.from({ length: 238 }, () => 1)]),
    1,
  );
  const errors = Array.from({ length: 238 }, (_, i) => 0.5 + (i % 5) / 4);
  const bad = deviationOf(sumsOf(Array.from({ length: 12 }, () => 5)), sumsOf([...Array.from({ length: 12 }, () => 5), ...errors]), 5);
  if (alike === undefined || bad === undefined) throw new Error("They say nothing.");
  const before = Array.from({ length: 14 }, () => alike).reduce((one, other) => ({ ...bothOf(one, other), relative: 0, variance: 0 }));
  expect(eValueOf(bothOf(before, bad), 1)).toBeGreaterThan(1_000);
});

test("equal errors say nothing, however they are rounded", () => {
  const errors = Array.from({ length: 1000 }, () => 0.1);
  expect(deviationOf(sumsOf(errors.slice(0, 300)), sumsOf(errors), 0.1)).toBeUndefined();
});

test("nothing is said by one row, no error, all rows, or a sum beyond the largest double", () => {
  expect(deviationOf(sumsOf([1]), sumsOf([1]))).toBeUndefined();
  expect(deviationOf(sumsOf([0]), sumsOf([0, 0]))).toBeUndefined();
  expect(deviationOf(sumsOf([1, 2]), sumsOf([1, 2]))).toBeUndefined();
  expect(deviationOf(sumsOf([1]), sumsOf([1, 1e200]))).toBeUndefined();
});

test("an e-value is 1 without evidence, and stays a number", () => {
  expect(eValueOf(NO_EVIDENCE, 1)).toBe(1);
  expect(eValueOf({ ...NO_EVIDENCE, gain: 1000 }, 1)).toBe(Number.MAX_VALUE);
  expect(eValueOf({ ...NO_EVIDENCE, gain: -1e6 }, 1)).toBe(0);
});

/** The mean e-value over every way to draw the part: the exact expectation. */
function meanOverDraws(errors: readonly number[], drawn: number, peak?: number): number {
  const whole = sumsOf(errors);
  const draws = choose(errors, drawn).map((part) => eValueOf(deviationOf(sumsOf(part), whole, peak) ?? NO_EVIDENCE, 1));
  return draws.reduce((sum, e) => sum + e, 0) / draws.length;
}

function choose(errors: readonly number[], drawn: number): number[][] {
  if (drawn === 0) return [[]];
  return errors.flatMap((error, i) => choose(errors.slice(i + 1), drawn - 1).map((others) => [error, ...others]));
}

test.each([
  ["equal but one", [1, 1, 1, 1, 1, 1, 1, 1, 1, 1e6]],
  ["with a heavy tail", [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 8, 40, 3000]],
  ["few", [0, 3]],
  ["of two kinds", [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]],
])("over all draws of a part, its e-value is at most 1 on average: errors %s", (_, errors) => {
  for (let drawn = 1; drawn < errors.length; drawn += 1)
    for (const peak of [undefined, Math.max(...errors), 2 * Math.max(...errors)])
      expect(meanOverDraws(errors, drawn, peak)).toBeLessThanOrEqual(1);
});

test("over random errors without a variance too", () => {
  const uniform = seededNumbers(2);
  for (let trial = 0; trial < 50; trial += 1) {
    const errors = Array.from({ length: 8 }, () => Math.abs(Math.tan(Math.PI * (uniform() - 0.5))));
    expect(meanOverDraws(errors, 1 + (trial % 7))).toBeLessThanOrEqual(1);
    expect(meanOverDraws(errors, 1 + (trial % 7), Math.max(...errors))).toBeLessThanOrEqual(1);
  }
});
