import { expect, test } from "vitest";
import { numberBins, numberCodes, textBins, TextCodes } from "./feature-bins.js";

test("20 bins of equal mass, with the mean of each", () => {
  const bins = numberBins(Float64Array.from({ length: 100 }, (_, i) => i + 1));
  expect(bins?.edges).toEqual([1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100]);
  expect(bins?.centers.slice(0, 3)).toEqual([3, 8, 13]);
  expect(bins?.sd).toBeCloseTo(28.86607004772212, 12);
});

test("codes: 0 missing, 1 below, then the bins, then above; the least value is in the first bin", () => {
  const bins = numberBins(Float64Array.from({ length: 100 }, (_, i) => i + 1));
  if (bins === undefined) throw new Error("There are bins.");
  const values = Float64Array.of(Number.NaN, -Infinity, 0.99, 1, 5, 5.01, 100, 100.5, Infinity);
  expect([...numberCodes(bins, values)]).toEqual([0, 1, 1, 2, 2, 3, 21, 22, 22]);
});

test("a value that many rows have is not split", () => {
  const bins = numberBins(Float64Array.of(1, 1, 1, 2, 2, 2, Number.NaN));
  expect(bins).toEqual({ kind: "number", edges: [1, 1, 2], centers: [1, 2], sd: 0.5 });
  if (bins === undefined) throw new Error("There are bins.");
  expect([...numberCodes(bins, Float64Array.of(0, 1, 1.5, 2, 3))]).toEqual([1, 2, 3, 3, 4]);
});

test("a constant has one bin, and nothing but missing values has none", () => {
  expect(numberBins(Float64Array.of(5, 5))).toEqual({ kind: "number", edges: [5, 5], centers: [5], sd: 0 });
  expect(numberBins(Float64Array.of(Number.NaN, Infinity))).toBeUndefined();
});

test("means of the largest doubles are doubles", () => {
  expect(numberBins(Float64Array.of(1.7e308, 1.7e308))?.centers).toEqual([1.7e308]);
});

test("the commonest texts have bins of their own, other texts of the reference share one, and what it does not have is unseen", () => {
  const texts = Array.from({ length: 60 }, (_, i) => Array.from({ length: 60 - i }, () => `t${i}`)).flat();
  const bins = textBins([...texts, "", ""]);
  expect(bins.texts.slice(0, 2)).toEqual(["t0", "t1"]);
  expect(bins.texts).toHaveLength(50);
  expect(bins.others).toEqual(["t50", "t51", "t52", "t53", "t54", "t55", "t56", "t57", "t58", "t59"]);
  const codes = new TextCodes(bins);
  expect(["", "t0", "t49", "t50", "new"].map((text) => codes.of(text))).toEqual([0, 3, 52, 1, 2]);
});

test("with more than 550 different texts none counts as unseen", () => {
  const bins = textBins(Array.from({ length: 551 }, (_, i) => `t${i}`));
  expect(bins.others).toBeNull();
  expect(new TextCodes(bins).of("new")).toBe(1);
});
