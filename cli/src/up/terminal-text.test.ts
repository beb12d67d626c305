import { describe, expect, test } from "vitest";
import { cutTo, endOf, padTo, widthOf } from "./terminal-text.js";

test.each([
  ["", 0],
  ["abc", 3],
  ["R² – …", 6],
  ["東京", 4],
  ["한국", 4],
  ["ﾊﾝ", 2],
  ["🙂", 2],
  ["ＡＢ", 4],
])("%j is so many columns wide: %i", (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});

describe("text is cut", () => {
  test.each([
    ["abcdef", 6, "abcdef"],
    ["abcdef", 5, "abcd…"],
    ["abcdef", 1, "…"],
    ["東京東京", 8, "東京東京"],
    ["東京東京", 7, "東京東…"],
    ["東京東京", 6, "東京…"],
    ["a🙂b", 3, "a…"],
  ])("%j to %i columns", (text, columns, cut) => {
    expect(cutTo(text, columns)).toBe(cut);
    expect(widthOf(cut)).toBeLessThanOrEqual(columns);
  });

  test.each([
    ["abcdef", 6, "abcdef"],
    ["abcdef", 5, "…cdef"],
    ["東京東京", 6, "…東京"],
    ["a🙂b", 3, "…b"],
  ])("before its end: %j to %i columns", (text, columns, end) => {
    expect(endOf(text, columns)).toBe(end);
    expect(widthOf(end)).toBeLessThanOrEqual(columns);
  });

  test.each([
    ["ab", 4, "ab  "],
    ["東京", 5, "東京 "],
    ["東京東京", 6, "東京… "],
  ])("and padded: %j to %i columns", (text, columns, padded) => {
    expect(padTo(text, columns)).toBe(padded);
    expect(widthOf(padded)).toBe(columns);
  });
});
