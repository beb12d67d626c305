import { describe, expect, test } from "vitest";
import { decadeOf, decimalNumber, wholeUnits } from "./decimal-number.js";

describe("decimalNumber", () => {
  test.each([
    [3, -1, 0.3],
    [7, -2, 0.07],
    [12, 3, 12_000],
    [1, 22, 1e22],
    [9999, 305, Infinity],
    [1, 308, 1e308],
    [1234, -303, 1.234e-300],
    [0, 40, 0],
  ])("%d times ten to the %d is the double that its text reads as", (mantissa, exponent, expected) => {
    expect(decimalNumber(mantissa, exponent)).toBe(expected);
  });
});

describe("wholeUnits", () => {
  test.each([
    [0.3, -1, 3],
    [0.29999999999999993, -1, 2],
    [1.15, -2, 115],
    [0, -3, 0],
    [1e300, 297, 1000],
    [1.7976931348623157e308, 305, 1797],
  ])("%d counted in units of ten to the %d", (value, exponent, expected) => {
    expect(wholeUnits(value, exponent)).toBe(expected);
  });
});

describe("decadeOf", () => {
  test.each([
    [1, 0],
    [9.999999999999998, 0],
    [10, 1],
    [999.9999999999999, 2],
    [1000, 3],
    [0.001, -3],
    [1e-300, -300],
    [1.7976931348623157e308, 308],
  ])("%d", (value, expected) => {
    expect(decadeOf(value)).toBe(expected);
  });
});
