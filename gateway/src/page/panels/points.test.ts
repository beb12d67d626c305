import { expect, test } from "vitest";
import { axisOf } from "./points.js";

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
