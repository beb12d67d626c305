import { expect, test } from "vitest";
import { seededNumbers } from "../seeded-numbers.js";
import { driftOf, type Drift } from "./drift.js";
import { countsOf, referenceOf, type Reference } from "./reference.js";

const FEATURES = 40;
const names = Array.from({ length: FEATURES }, (_, i) => `f${i}`);

/** Normal values by the Box–Muller transform. */
function normals(random: () => number, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

function columns(random: () => number, rows: number): Map<string, Float64Array> {
  return new Map(names.map((name) => [name, normals(random, rows)]));
}

function driftsOf(reference: Reference, window: ReadonlyMap<string, Float64Array>): Map<string, Drift> {
  return new Map(
    Object.entries(reference.features).map(([name, feature]) => {
      const counts = countsOf(feature.bins, window.get(name) ?? new Float64Array());
      return [name, driftOf(feature, { counts }, { features: FEATURES })];
    }),
  );
}

const drifted = (drifts: ReadonlyMap<string, Drift>) => [...drifts].filter(([, drift]) => drift.drifted).map(([name]) => name);

test("of 1,000 windows of 40 features without drift at most 5 % flag a feature, whether they are short or long", () => {
  const random = seededNumbers(7);
  const reference = referenceOf(2_000, columns(random, 2_000));
  let flagged = 0;
  for (let window = 0; window < 1_000; window += 1)
    flagged += drifted(driftsOf(reference, columns(random, window % 2 === 0 ? 50 : 400))).length > 0 ? 1 : 0;
  expect(flagged).toBeLessThanOrEqual(50);
});

test("a shift of half a standard deviation in one feature of 40 is found in 1,000 rows, and no other is flagged", () => {
  const random = seededNumbers(11);
  const reference = referenceOf(5_000, columns(random, 5_000));
  const window = columns(random, 1_000);
  window.set(
    "f17",
    (window.get("f17") ?? new Float64Array()).map((value) => value + 0.5),
  );
  const drifts = driftsOf(reference, window);
  expect(drifted(drifts)).toEqual(["f17"]);
  expect(drifts.get("f17")?.wasserstein).toBeCloseTo(0.5, 1);
});

test("values beyond the reference are as far away as they are", () => {
  const reference = referenceOf(3, new Map([["x", Float64Array.of(0, 1, 2)]]));
  const { x } = reference.features;
  if (x === undefined) throw new Error("It is monitored.");
  const counts = countsOf(x.bins, Float64Array.of(12, 12, 12));
  // From 0, 1 and 2 to 12 it is 11 on average, and the standard deviation is √(2/3).
  expect(driftOf(x, { counts, above: 12 }, { features: 1 }).wasserstein).toBeCloseTo(11 / Math.sqrt(2 / 3), 12);
});

test("a constant has no distance in standard deviations, and is flagged when it changes", () => {
  const reference = referenceOf(200, new Map([["x", new Float64Array(200).fill(1)]]));
  const { x } = reference.features;
  if (x === undefined) throw new Error("It is monitored.");
  const drift = driftOf(x, { counts: countsOf(x.bins, new Float64Array(200).fill(2)) }, { features: 1 });
  expect([drift.drifted, drift.wasserstein]).toEqual([true, undefined]);
});
