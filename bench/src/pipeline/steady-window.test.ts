import { expect, test } from "vitest";
import { rateOf, steadyWindow, valueAt, warmUpEnd } from "./steady-window.js";

/** 1,000 rows, 100 each 10 ms, after 50 ms in which nothing came out. */
const EVEN = Array.from({ length: 11 }, (_, i) => ({ at: 50 + 10 * i, rows: 100 * i }));

test("the warm-up ends with the first progress at a fifth of the rows", () => {
  expect(warmUpEnd(EVEN, 1_000)).toEqual({ at: 70, rows: 200 });
  expect(warmUpEnd(EVEN.slice(0, 2), 1_000)).toBeUndefined();
});

test("a source that is never ahead is measured to the end", () => {
  const window = steadyWindow(0, EVEN, 1_000, 200);
  expect(window).toEqual({ from: { at: 70, rows: 200 }, to: { at: 150, rows: 1_000 }, isShort: false });
  expect(rateOf(window)).toBe(10_000);
});

test("a source that was 300 rows ahead is measured until 300 rows are left", () => {
  expect(steadyWindow(0, EVEN, 1_000, 500)).toEqual({ from: { at: 70, rows: 200 }, to: { at: 120, rows: 700 }, isShort: false });
});

test("a run whose source had sent nearly everything is counted as a whole, and says so", () => {
  expect(steadyWindow(0, EVEN, 1_000, 900)).toEqual({ from: { at: 0, rows: 0 }, to: { at: 150, rows: 1_000 }, isShort: true });
  expect(steadyWindow(0, [{ at: 50, rows: 1_000 }], 1_000, 1_000)).toEqual({
    from: { at: 0, rows: 0 },
    to: { at: 50, rows: 1_000 },
    isShort: true,
  });
});

test.each([
  [0, 1],
  [10, 1],
  [15, 2],
  [20, 3],
  [25, 3],
  [99, 3],
])("a value at %d ms is %d", (at, expected) => {
  const samples = [
    { at: 10, value: 1 },
    { at: 20, value: 3 },
    { at: 30, value: 3 },
  ];
  expect(valueAt(samples, at)).toBe(expected);
});
