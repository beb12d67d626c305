import { expect, test } from "vitest";
import { fromFloat16, toFloat16 } from "./float16.js";

// From IEEE 754-2008, binary16, and its examples of the extremes.
test.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [1023 * 2 ** -24, 0x03ff],
  [Infinity, 0x7c00],
  [-Infinity, 0xfc00],
])("%d is %d", (value, half) => {
  expect(toFloat16(value)).toBe(half);
  expect(fromFloat16(half)).toBe(value);
});

test.each([
  ["a tie goes to even, down", 1 + 2 ** -11, 1],
  ["a tie goes to even, up", 1 + 3 * 2 ** -11, 1 + 2 ** -9],
  ["just above a tie goes up", 1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
  ["what rounds beyond the greatest is infinite", 65520, Infinity],
  ["less than half of the least is 0", 2 ** -26, 0],
  ["more than half of the least is the least", 1.5 * 2 ** -25, 2 ** -24],
])("%s", (_, value, rounded) => {
  expect(fromFloat16(toFloat16(value))).toBe(rounded);
});

test("every half comes back as it was", () => {
  for (let half = 0; half < 0x10000; half += 1) {
    const value = fromFloat16(half);
    if (!Number.isNaN(value)) expect(toFloat16(value)).toBe(half);
    else expect(fromFloat16(toFloat16(value))).toBeNaN();
  }
});
