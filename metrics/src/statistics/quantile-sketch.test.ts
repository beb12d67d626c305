import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DIABETES_ERRORS } from "@streamgauge/testing";
import { QuantileSketch } from "./quantile-sketch.js";

/** Half a cell: 2⁻⁹. */
const BOUND = 1 / 512;

function sketchOf(...batches: readonly (readonly number[])[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const batch of batches) sketch.add(Float64Array.from(batch));
  return sketch;
}

/** The value of that rank, exactly. */
function exact(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.round(share * (values.length - 1))] ?? Number.NaN;
}

test("the errors of the diabetes regression are within the bound of the true ones of their ranks", () => {
  const shares = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
  // Of the 442 errors in order, those at 22, 110, 221, 331, 397, 419 and 437. numpy's quantiles lie between these and their neighbours.
  const ranked = [
    3.552725280458958, 18.188132838115223, 38.54701716210627, 62.69187783579514, 89.00297412861516, 99.20401646473601, 130.94078367125667,
  ];
  const quantiles = sketchOf(DIABETES_ERRORS).quantiles(shares);
  for (const [i, should] of ranked.entries()) expect(Math.abs((quantiles[i] ?? 0) / should - 1)).toBeLessThanOrEqual(BOUND);
});

describe("single values", () => {
  test.each([
    // A cell of [1, 1 + 1/256) has its middle at 1 + 1/512.
    [1, 1.001953125],
    [1.5, 1.501953125],
    [2, 2.00390625],
    [100, 100.125],
    [0, 0],
  ])("%d is told as %d", (value, told) => {
    expect(sketchOf([value]).quantiles([0, 0.5, 1])).toEqual([told, told, told]);
  });

  test("none at all", () => {
    expect(sketchOf([]).quantiles([0.5, 0.99])).toEqual([Number.NaN, Number.NaN]);
  });

  test("the largest numbers", () => {
    expect(
      sketchOf([1, Infinity, Infinity])
        .quantiles([0, 0.5, 1])
        .map((value) => Math.round(value)),
    ).toEqual([1, Infinity, Infinity]);
    const [largest = 0] = sketchOf([Number.MAX_VALUE]).quantiles([0.5]);
    expect(Math.abs(largest / Number.MAX_VALUE - 1)).toBeLessThanOrEqual(BOUND);
    const [median = 0] = sketchOf([1.7e308]).quantiles([0.5]);
    expect(Math.abs(median / 1.7e308 - 1)).toBeLessThanOrEqual(BOUND);
  });

  test("what is too small to tell from zero", () => {
    expect(sketchOf([5e-324]).quantiles([0.5])).toEqual([0]);
  });
});

test("the rank of a share is rounded", () => {
  const sketch = sketchOf([1, 1, 1, 2]);
  expect(sketch.quantiles([0, 0.5, 0.8, 0.9, 1]).map(Math.floor)).toEqual([1, 1, 1, 2, 2]);
});

const magnitudes = fc.double({ min: 2 ** -1022, max: 1e308, noNaN: true });

test("every quantile of any numbers is within 2⁻⁹ of the number of that rank", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(magnitudes, fc.constant(0)), { minLength: 1, maxLength: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const [is = Number.NaN] = sketchOf(values).quantiles([share]);
        const should = exact(values, share);
        expect(Math.abs(is - should)).toBeLessThanOrEqual(BOUND * should);
      },
    ),
  );
});

test("what was saved is merged into what is there, as if all had been added", () => {
  fc.assert(
    fc.property(fc.array(magnitudes), fc.array(magnitudes), (some, others) => {
      const merged = sketchOf(some);
      merged.restore(sketchOf(others).save());
      expect(merged.save()).toEqual(sketchOf(some, others).save());
    }),
  );
});

test("cells are saved flat, in ascending order", () => {
  // 0 is in the first cell; 1 has the exponent 1023 and 2 has 1024, each 256 cells apart.
  expect(sketchOf([2, 1, 0, 1]).save()).toEqual([0, 1, 261_888, 2, 262_144, 1]);
});
