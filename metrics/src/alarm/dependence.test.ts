import { expect, test } from "vitest";
import { autocorrelatedLosses, lognormalLosses, take } from "../testing/loss-streams.js";
import { Dependence } from "./dependence.js";

function dependenceOf(losses: Iterable<number>): Dependence {
  const dependence = new Dependence(new Float64Array(Dependence.doubles));
  for (const loss of losses) dependence.add(loss);
  return dependence;
}

function inflationOf(losses: Iterable<number>): number {
  return dependenceOf(losses).inflation();
}

/** Plainly: the variance of the means of batches of `size`, times `size`, over the variance of single rows. */
function ratioByDefinition(losses: Float64Array, size: number): number {
  const batches = Math.floor(losses.length / size);
  const means = Array.from({ length: batches }, (_, i) => mean(losses.subarray(i * size, (i + 1) * size)));
  return (size * variance(means)) / variance([...losses]);
}
const mean = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0) / [...values].length;
const variance = (values: readonly number[]) => values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1);

test("rows that do not depend on each other: 1", () => {
  const found = Array.from({ length: 100 }, (_, seed) => inflationOf(take(lognormalLosses(seed), 1_000)));
  expect(found.filter((inflation) => inflation === 1).length).toBeGreaterThanOrEqual(98);
});

test("the ratio of variances is that of the definition", () => {
  const losses = take(autocorrelatedLosses(5, 0.9), 2_048);
  const ratios = [2, 4, 8, 16, 32, 64, 128].map((size) => ratioByDefinition(losses, size));
  expect(inflationOf(losses)).toBeCloseTo(Math.max(...ratios), 9);
});

test("rows that depend on each other: about what the autocorrelations add up to", () => {
  // |x| of an autoregression of 0.9: the correlations over k rows are about 0.81^k, and 1 + 2 · Σ = 1.81 / 0.19 = 9.5.
  const found = Array.from({ length: 20 }, (_, seed) => inflationOf(take(autocorrelatedLosses(seed, 0.9), 10_000)));
  expect(mean(found)).toBeGreaterThan(8);
  expect(mean(found)).toBeLessThan(12);
});

test("a slow course counts as dependence, but not beside seasons", () => {
  const losses = take(lognormalLosses(6), 20_000).map((loss, row) => loss * (1.5 + Math.sin(row / 1_000)));
  const dependence = dependenceOf(losses);
  expect(dependence.inflation()).toBeGreaterThan(50);
  expect(dependence.inflationBesideSeasons()).toBe(1);
  expect(dependenceOf(take(autocorrelatedLosses(7, 0.9), 20_000)).inflationBesideSeasons()).toBeGreaterThan(6);
});

test.each([
  ["too few rows", [1, 2, 3]],
  ["constant errors", Array<number>(1_000).fill(2)],
  ["errors that alternate", Array.from({ length: 1_000 }, (_, i) => i % 2)],
])("%s: 1", (_, losses) => {
  expect(inflationOf(losses)).toBe(1);
});
