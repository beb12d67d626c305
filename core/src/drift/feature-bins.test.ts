import { expect, test } from "vitest";
import { numberBins, numberCodes, textBins, TextCodes } from "./feature-bins.js";

test("20 bins of equal mass, with the mean of each", () => {
  const bins = numberBins(Float64Array.from({ length: 100 }, (_, i) => i + 1));
  expect(bins?.edges.slice(0, 3)).toEqual([1 - 99e-6, 5.5, 10.5]);
  expect(bins?.edges.slice(-2)).toEqual([95.5, 100 + 99e-6]);
  expect(bins?.edges).toHaveLength(21);
  expect(bins?.centers.slice(0, 3)).toEqual([3, 8, 13]);
  expect(bins?.sd).toBeCloseTo(28.86607004772212, 12);
});

test("codes: 0 missing, 1 below, then the bins, then above; a value that was rounded stays in its bin", () => {
  const bins = numberBins(Float64Array.from({ length: 100 }, (_, i) => i + 1));
  if (bins === undefined) throw new Error("There are bins.");
  const values = Float64Array.of(Number.NaN, -Infinity, 0.99, 0.99999, 5.00001, 6, 100.00001, 100.5, Infinity);
  expect([...numberCodes(bins, values)]).toEqual([0, 1, 1, 2, 2, 3, 21, 22, 22]);
});

test("a value that many rows have is not split", () => {
  const bins = numberBins(Float64Array.of(1, 1, 1, 2, 2, 2, Number.NaN));
  expect(bins).toEqual({ kind: "number", edges: [1 - 1e-6, 1.5, 2 + 1e-6], centers: [1, 2], sd: 0.5 });
  if (bins === undefined) throw new Error("There are bins.");
  expect([...numberCodes(bins, Float64Array.of(0, 1, 1.5, 2, 3))]).toEqual([1, 2, 2, 3, 4]);
});

test("a constant has one bin, and nothing but missing values has none", () => {
  expect(numberBins(Float64Array.of(5, 5))).toEqual({ kind: "number", edges: [5 - 5e-6, 5 + 5e-6], centers: [5], sd: 0 });
  expect(numberBins(Float64Array.of(Number.NaN, Infinity))).toBeUndefined();
});

test("bins of the largest doubles are doubles", () => {
  const most = Number.MAX_VALUE;
  expect(numberBins(Float64Array.of(most, most))).toMatchObject({ edges: [expect.any(Number), most], centers: [most] });
  expect(numberBins(Float64Array.of(-most, most))?.edges).toEqual([-most, 0, most]);
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
