import { expect, test } from "vitest";
import { axisOf, multiplesWithin, stepsFor } from "./points.js";

test.each([
  ["a range", [0, 100], 5, { from: -5, to: 105, ticks: [0, 50, 100] }],
  ["a range below zero", [-3, -1], 10, { from: -3.1, to: -0.9, ticks: [-3, -2.5, -2, -1.5, -1] }],
  ["one value", [40], 3, { from: 38, to: 42, ticks: [38, 40, 42] }],
  ["zero alone", [0], 2, { from: -1, to: 1, ticks: [-1, 0, 1] }],
])("an axis of %s holds it, and has labels at round numbers", (_, values, most, expected) => {
  const { from, to, ticks } = axisOf(values, most);
  expect([from, to]).toEqual([expect.closeTo(expected.from, 9), expect.closeTo(expected.to, 9)]);
  expect(ticks).toEqual(expected.ticks.map((tick) => expect.closeTo(tick, 9)));
});

test.each([
  [0, 25, [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]],
  [-1.7e308, 1.7e308, [1e306, 2e306, 5e306, 1e307, 2e307, 5e307, 1e308]],
  [8e299, 1.2e300, [1e297, 2e297, 5e297, 1e298, 2e298, 5e298, 1e299, 2e299, 5e299]],
])("steps between labels suit a range from %d to %d", (from, to, steps) => {
  expect(stepsFor(from, to).map((step) => Number(step.toPrecision(3)))).toEqual(steps);
});

test.each([
  [0, 25, 10, [0, 10, 20]],
  [-3, 3, 2, [-2, 0, 2]],
  [9.5e299, 1.05e300, 1e301, []],
])("the multiples between %d and %d of %d are %j", (from, to, step, multiples) => {
  expect(multiplesWithin(from, to, step).map((each) => each + 0)).toEqual(multiples);
});
