import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DIABETES_PRED, DIABETES_TRUE } from "@streamgauge/testing";
import { mae } from "./metrics/mae.js";
import { r2 } from "./metrics/r2.js";
import { rmse } from "./metrics/rmse.js";
import { mergeMoments, momentsOf, NO_MOMENTS, type Moments } from "./moments.js";

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const pairs = fc.array(fc.tuple(finite, finite), { maxLength: 50 });

function of(some: readonly (readonly [number, number])[]): Moments {
  return momentsOf(
    Float64Array.from(some, ([truth]) => truth),
    Float64Array.from(some, ([, said]) => said),
  );
}

test("frames of any size say the same as all rows at once", () => {
  let moments = NO_MOMENTS;
  for (const [from, to] of [
    [0, 1],
    [1, 100],
    [100, 100],
    [100, 441],
    [441, 442],
  ]) {
    moments = mergeMoments(
      moments,
      momentsOf(Float64Array.from(DIABETES_TRUE.slice(from, to)), Float64Array.from(DIABETES_PRED.slice(from, to))),
    );
  }
  expect(moments.count).toBe(442);
  expect(mae.of(moments)).toBeCloseTo(43.27745202531506, 11);
  expect(rmse.of(moments)).toBeCloseTo(53.476128764026576, 11);
  expect(r2.of(moments)).toBeCloseTo(0.5177484222203498, 13);
});

describe("a worked example", () => {
  // Errors, prediction minus truth: 1, -1, 4.
  const moments = of([
    [1, 2],
    [2, 1],
    [6, 10],
  ]);

  test("moments", () => {
    expect(moments).toEqual({ count: 3, absolute: 6, squared: 18, signed: 4, meanTrue: 3, spreadTrue: 14 });
  });
});

test("equal truths have no spread, also if their sum is rounded", () => {
  expect(mergeMoments(of([[0.1, 0.1]]), of([[0.1, 0.2]])).spreadTrue).toBe(0);
});

test("merging is as good as having had all pairs at once, in any grouping", () => {
  fc.assert(
    fc.property(pairs, pairs, pairs, (a, b, c) => {
      const once = of([...a, ...b, ...c]);
      for (const merged of [mergeMoments(mergeMoments(of(a), of(b)), of(c)), mergeMoments(of(a), mergeMoments(of(b), of(c)))]) {
        expect(merged.count).toBe(once.count);
        for (const field of ["absolute", "squared", "signed", "meanTrue", "spreadTrue"] as const) {
          const scale = Math.max(1, once.absolute, once.squared, once.spreadTrue);
          expect(Math.abs(merged[field] - once[field])).toBeLessThanOrEqual(1e-12 * scale);
        }
      }
    }),
  );
});
