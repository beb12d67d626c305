import fc from "fast-check";
import { expect, test } from "vitest";
import { lagBin, LabelLags } from "./label-lags.js";

function lagsOf(values: readonly number[]): LabelLags {
  const lags = new LabelLags();
  for (const value of values) lags.add(lagBin(value));
  return lags;
}

test("lags are counted in bins whose edges are powers of two", () => {
  expect(lagsOf([-3, 0, 0.9]).save()).toEqual([3]);
  expect(lagsOf([1, 2, 3, 4, 7.9, 8]).save()).toEqual([0, 1, 2, 2, 1]);
  expect(lagsOf([2 ** 31, 2 ** 32, 2 ** 40]).save()).toEqual([...Array<number>(32).fill(0), 1, 1, ...Array<number>(7).fill(0), 1]);
});

test("a quantile is in the bin of the true one", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e13 }), { minLength: 1 }), fc.constantFrom(0, 0.5, 0.95, 1), (values, q) => {
      const truth = values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? 0;
      const found = lagsOf(values).quantile(q);
      expect(found / truth).toBeGreaterThan(0.5);
      expect(found / truth).toBeLessThan(2);
      const least = lagsOf(values).atLeast(q);
      expect(truth).toBeGreaterThanOrEqual(least);
      expect(truth).toBeLessThan(2 * least);
    }),
  );
});

test("no lags have no quantile", () => {
  expect(new LabelLags().quantile(0.5)).toBeNaN();
  expect(new LabelLags().atLeast(0.5)).toBeNaN();
});
