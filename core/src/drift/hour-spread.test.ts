import { expect, test } from "vitest";
import { hourSpread, spreadOver, type HourOfColumn } from "./hour-spread.js";

const HOUR = 3_600_000;
const BINS = [[0], [1], [2], [3]];

/** Each hour by itself is different. */
function restless(hour: number): number[] {
  return [0, 1, 2, 3].map((bin) => 40 + ((hour * hour * (bin + 3) + 7 * hour * bin) % (bin < 2 ? 60 : 11)));
}

/** From eight to twelve o'clock more rows are in the last bin. */
function daily(hour: number): number[] {
  return [0, 1, 2, 3].map(
    (bin) => 40 + ((hour * (bin + 3) + 7 * hour * bin) % 11) + (bin === 3 && hour % 24 >= 8 && hour % 24 < 12 ? 70 : 0),
  );
}

function hours(count: number, of: (hour: number) => number[], gap = -1): HourOfColumn[] {
  const all = Array.from({ length: count }, (_, hour) => ({ start: hour * HOUR, counts: of(hour) }));
  return all.filter((_, hour) => hour !== gap);
}

// By SciPy 1.17.1, from the formulas in docs/drift.md.
test.each([
  ["15 hours are too few", hours(15, restless), 0],
  ["hours that differ from those beside them", hours(16, restless), 0.18330763322450633],
  ["with an hour missing", hours(40, restless, 20), 0.18330763322450633],
  ["60 hours have two days only that are known", hours(60, daily), 0],
  ["a course of the day", hours(96, daily, 30), 0.19747401330762265],
  ["of 200 hours the last week counts", hours(200, daily, 30), 0.19004945472742027],
])("%s", (_, of, expected) => {
  expect(hourSpread(of, BINS)).toBeCloseTo(expected, 12);
});

test("a level that moved is no spread, whether it stays or not", () => {
  const even = () => [100, 100, 100, 100];
  const moved = () => [10, 20, 70, 300];
  expect(
    hourSpread(
      hours(96, (hour) => (hour < 20 ? even() : moved())),
      BINS,
    ),
  ).toBe(0);
  expect(
    hourSpread(
      hours(96, (hour) => (hour < 90 ? even() : moved())),
      BINS,
    ),
  ).toBe(0);
  expect(
    hourSpread(
      hours(96, (hour) => (hour < 40 || hour > 55 ? even() : moved())),
      BINS,
    ),
  ).toBe(0);
});

test("no hours have no spread", () => {
  expect(hourSpread([], BINS)).toBe(0);
});

test("hours of one day have the spread of one; over more days it falls", () => {
  expect([1, 24, 48, 168].map((each) => spreadOver(0.7, each))).toEqual([0.7, 0.7, 0.35, 0.7 / 7]);
});
