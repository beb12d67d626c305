import { expect, test } from "vitest";
import { floorGrowth, growthOf, medianGrowth, partOf, slopeOf } from "./trend.js";

const points = (...values: readonly number[]) => values.map((value, at) => ({ at, value }));

test.each([
  ["a line", points(1, 3, 5, 7), 2],
  ["a flat one", points(4, 4, 4), 0],
  // numpy.polyfit([0, 1, 2, 3, 4], [2, 9, 1, 8, 6], 1)[0]
  ["a scattered one", points(2, 9, 1, 8, 6), 0.7],
])("the slope of %s", (_, given, slope) => {
  expect(slopeOf(given)).toBeCloseTo(slope, 12);
});

test("one point has no slope, and no growth", () => {
  expect([slopeOf(points(4)), growthOf(points(4)), floorGrowth(points(4)), slopeOf([]), floorGrowth([])]).toEqual(
    Array(5).fill(Number.NaN),
  );
});

test("the growth over the second half forgets the first one", () => {
  expect(growthOf(points(0, 100, 200, 300, 300, 301, 302, 303, 304))).toBe(4);
  expect(growthOf(points(9, 5, 5, 5, 5))).toBe(0);
});

test("parts are shares of the way from the first point to the last", () => {
  const given = [10, 20, 30, 40, 50].map((at) => ({ at, value: at }));
  expect(partOf(given, 0.25, 0.5).map(({ at }) => at)).toEqual([20, 30]);
});

test("the floor ignores what is open for a moment, and sees what is never closed", () => {
  expect(floorGrowth(points(3, 20, 20, 21, 22, 20, 27, 20, 20))).toBe(0);
  expect(floorGrowth(points(3, 20, 20, 20, 21, 21, 22, 22, 23))).toBe(2);
});

test("medians ignore a process that has just started, and see one that needs more in each life", () => {
  expect(medianGrowth(points(9, 9, 9, 50, 100, 101, 20, 30, 60, 100, 99, 105, 100))).toBe(0);
  expect(medianGrowth(points(9, 9, 9, 50, 100, 101, 20, 30, 60, 30, 190, 190, 200))).toBe(90);
  expect(medianGrowth([])).toBe(Number.NaN);
});
