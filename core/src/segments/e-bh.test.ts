import { expect, test } from "vitest";
import { seededNumbers } from "../seeded-numbers.js";
import { eBenjaminiHochberg, nextEValue } from "./e-bh.js";

test("as many are rejected as their e-values pay for", () => {
  // Of 4 at 5 %, one needs 80, two need 40 each, three need 26.7 each.
  expect(eBenjaminiHochberg([30, 45, 1, 28], 0.05)).toEqual([1, 0, 3]);
  expect(eBenjaminiHochberg([79, 39, 26, 1], 0.05)).toEqual([]);
  expect(eBenjaminiHochberg([80, 0, 0, 0], 0.05)).toEqual([0]);
  expect(eBenjaminiHochberg([], 0.05)).toEqual([]);
});

/** As the paper has it: reject those with e ≥ t, t the least threshold with t·(rejected at t) ≥ m/α. */
function plainly(eValues: readonly number[], alpha: number): number[] {
  const able = eValues.filter((t) => t > 0 && t * eValues.filter((e) => e >= t).length >= eValues.length / alpha);
  const threshold = Math.min(...able);
  return eValues.flatMap((e, i) => (e >= threshold ? [i] : []));
}

test("the same hypotheses are rejected as by trying every threshold", () => {
  const uniform = seededNumbers(11);
  let rejected = 0;
  for (let trial = 0; trial < 2000; trial += 1) {
    const eValues = Array.from({ length: 1 + Math.floor(30 * uniform()) }, () => Math.exp(9 * uniform() - 1));
    const found = eBenjaminiHochberg(eValues, 0.05);
    expect(found.toSorted((one, other) => one - other)).toEqual(plainly(eValues, 0.05));
    rejected += found.length;
  }
  expect(rejected).toBeGreaterThan(1000);
});

test("with the next e-value one more hypothesis is rejected, and with less none", () => {
  const eValues = [1_000, 3, 2, 1];
  expect(eBenjaminiHochberg(eValues, 0.05)).toEqual([0]);
  const next = nextEValue(eValues.length, 1, 0.05);
  expect(next).toBe(40);
  expect(eBenjaminiHochberg([1_000, next, 2, 1], 0.05)).toEqual([0, 1]);
  expect(eBenjaminiHochberg([1_000, next - 0.001, 2, 1], 0.05)).toEqual([0]);
});
