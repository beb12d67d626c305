import { expect, test } from "vitest";
import type { BinSums } from "./bin-sums.js";
import { earlierRatio, scaledBack } from "./earlier-ratio.js";
import { othersOf } from "./others.js";

function bins(absolute: readonly number[]): BinSums {
  const of = (values: readonly number[]) => Float64Array.from(values);
  return {
    rows: of(absolute.map(() => 100)),
    absolute: of(absolute),
    squares: of(absolute.map((each) => each * each)),
    errors: of(absolute),
  };
}

const absoluteOf = (others: readonly BinSums[]) => others.map(({ absolute }) => [...absolute]);

test("the others of each bin of a feature, whatever its own error is", () => {
  const [others] = othersOf(bins([1e20, 100, 200]), 1);
  expect([...(others?.absolute ?? [])]).toEqual([300, 1e20 + 200, 1e20 + 100]);
  expect([...(others?.rows ?? [])]).toEqual([200, 200, 200]);
  expect([...(others?.squares ?? [])]).toEqual([50_000, 1e40 + 40_000, 1e40 + 10_000]);
  expect(others?.errors[0]).toBe(300);
});

test("the others of each bin of two features: of all, of the bin of the first, of that of the second", () => {
  // Three bins of the first feature, two of the second.
  expect(absoluteOf(othersOf(bins([1e20, 2, 4, 8, 16, 32]), 2))).toEqual([
    [62, 1e20, 1e20, 1e20, 1e20, 1e20],
    [2, 1e20, 8, 4, 32, 16],
    [20, 40, 1e20, 34, 1e20, 10],
  ]);
});

test("a feature of one bin has no others", () => {
  expect(absoluteOf(othersOf(bins([5]), 1))).toEqual([[0]]);
});

test("an error beyond the largest double is not one of the others of its bin", () => {
  expect(absoluteOf(othersOf(bins([Infinity, 1, 2]), 1))).toEqual([[3, Infinity, Infinity]]);
});

test("the ratio of a part to the rest, beside a huge error too", () => {
  const rest = { rows: 200, absolute: 300, squares: 450, errors: 0 };
  // Equal errors have no variance but that of rounding: the ratio is 3 / 1.5.
  expect(earlierRatio({ rows: 100, absolute: 300, squares: 900, errors: 0 }, rest, 1)).toBeCloseTo(2, 6);
  // One error of 1e20 among 100 rows: its mean of 1e18 has a relative variance of 0.99; 1e18 / 1.5 · exp(3 · √0.99).
  const huge = { rows: 100, absolute: 1e20, squares: 1e40, errors: 0 };
  expect(earlierRatio(huge, rest, 1) / ((1e18 / 1.5) * Math.exp(3 * Math.sqrt(0.99)))).toBeCloseTo(1, 12);
});

test("a part as if its errors were smaller", () => {
  expect(scaledBack({ rows: 2, absolute: 6, squares: 20, errors: 2 }, 2)).toEqual({ rows: 2, absolute: 3, squares: 5, errors: 2 });
});
