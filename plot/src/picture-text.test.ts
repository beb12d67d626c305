import { describe, expect, test } from "vitest";
import { countText, edgeTexts, powerOf, powerText, shortCountText, shorten, timeText, valueText, wrap } from "./picture-text.js";

test.each([
  [0, "0"],
  [43.27745202531506, "43.3"],
  [5, "5.00"],
  [0.0012345, "0.00123"],
  [0.00012345, "1.23×10⁻⁴"],
  [123_456.7, "123,457"],
  [1_234_567, "1.23×10⁶"],
  [9.999e8, "1.00×10⁹"],
  [99_180.8, "99,181"],
  [1e300, "1.00×10³⁰⁰"],
  [1e-300, "1.00×10⁻³⁰⁰"],
])("the value %d is written %s", (value, expected) => {
  expect(valueText(value)).toBe(expected);
});

test.each([
  [[0, 0.8, 1.6, 2], 0, ["0", "0.8", "1.6", "2.0"]],
  [[0, 1e-7, 2e-7], -7, ["0", "1", "2"]],
  [[0.4, 0.4025, 0.405], 0, ["0.4000", "0.4025", "0.4050"]],
  [[0.30000000000000004], 0, ["0.3"]],
  [[0, 2000], 0, ["0", "2,000"]],
  [[1e-302, 2e-302], -302, ["1", "2"]],
])("the edges %j in units of ten to the %d are written alike", (edges, power, expected) => {
  expect(edgeTexts(edges, power)).toEqual(expected);
});

test.each([
  [0, 0],
  [0.001, 0],
  [0.0009, -4],
  [999_999, 0],
  [1e6, 6],
  [4.8e9, 9],
])("numbers up to %d are written in units of ten to the %d", (largest, expected) => {
  expect(powerOf(largest)).toBe(expected);
});

test("a power of ten", () => {
  expect([powerText(9), powerText(-120)]).toEqual(["10⁹", "10⁻¹²⁰"]);
});

test("numbers of rows", () => {
  expect(countText(1_234_567)).toBe("1,234,567");
  expect([500_000, 1_500_000, 2e9].map(shortCountText)).toEqual(["500,000", "1.5M", "2B"]);
});

test("a time is written in UTC", () => {
  expect(timeText(new Date("2026-01-05T12:30:05.678+02:00"))).toBe("2026-01-05 10:30:05 UTC");
});

describe("a text that is shortened", () => {
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  const measure = (text: string): number => Array.from(segmenter.segment(text)).length * 10;

  test.each([
    ["diabetes-linear", 150, "diabetes-linear"],
    ["diabetes-linear-v7", 100, "diabe…r-v7"],
    ["two\nlines\tof text", 300, "two lines of text"],
    ["👩‍🔬👩‍🔬👩‍🔬👩‍🔬", 30, "👩‍🔬…👩‍🔬"],
    ["name", 10, "…"],
  ])("%s within %d", (text, width, expected) => {
    expect(shorten(text, width, measure)).toBe(expected);
  });
});

test.each([
  ["a few words", 300, ["a few words"]],
  ["a few words", 50, ["a few", "words"]],
  ["it is 95 % sure", 80, ["it is", "95 %", "sure"]],
  ["one unbreakable word", 70, ["one", "unb…ble", "word"]],
])("%s on lines of %d", (text, width, lines) => {
  expect(wrap(text, width, (line) => line.length * 10)).toEqual(lines);
});
