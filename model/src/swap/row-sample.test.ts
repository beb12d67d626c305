import { expect, test } from "vitest";
import { RowSample } from "./row-sample.js";

const RULES = { kinds: ["number", "text"], allowsMissing: false } as const;

function sampled(ignoreOthers: boolean): RowSample {
  const sample = new RowSample(ignoreOthers);
  const columns = new Map<string, Float64Array | string[]>([
    ["a", Float64Array.of(1, 2, 3, 4)],
    ["b", ["w", "x", "y", "z"]],
  ]);
  // Of four rows the first was refused before; of the other three the second had no number.
  sample.note({ columns, rowOf: (row) => row + 1 }, Float64Array.of(10, Number.NaN, 30), 5_000);
  return sample;
}

test("rows that were answered with a number are there for a model in its own order", () => {
  expect(sampled(false).for({ ...RULES, features: ["a", "b"] })).toEqual({ rows: 2, columns: [Float64Array.of(2, 4), ["x", "z"]] });
});

test("a second passes from one sample to the next", () => {
  const sample = sampled(false);
  expect([sample.isDue(5_999), sample.isDue(6_000)]).toEqual([false, true]);
});

test("a model that needs more features than there are, or does not know one, does not fit", () => {
  expect(sampled(false).misfit(["a", "b"])).toBeUndefined();
  expect(sampled(false).misfit(["b", "c"])).toBe("it needs c, and the rows that are scored now have only a, b");
  expect(sampled(false).misfit(["b"])).toBe("it does not know a, which the rows that are scored now have");
  expect(sampled(true).misfit(["b"])).toBeUndefined();
});

test("before the first row every model fits, and none is tried", () => {
  const sample = new RowSample(false);
  expect([sample.misfit(["x"]), sample.for({ features: ["x"], kinds: ["number"], allowsMissing: false })]).toEqual([undefined, undefined]);
});
