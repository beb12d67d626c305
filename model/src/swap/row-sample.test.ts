import { Ids } from "@streamgauge/core";
import { expect, test } from "vitest";
import { RowSample } from "./row-sample.js";

const RULES = { kinds: ["number", "text"], allowsMissing: false } as const;

function sampled(): RowSample {
  const sample = new RowSample();
  const columns = new Map<string, Float64Array | string[]>([
    ["a", Float64Array.of(1, 2, 3, 4)],
    ["b", ["w", "x", "y", "z"]],
  ]);
  const frame = { ids: Ids.of(["p", "q", "r", "s"]), columns };
  // Of four rows the first was refused before; of the other three the second had no number.
  sample.note({ frame, rowOf: (row) => row + 1 }, Float64Array.of(10, Number.NaN, 30), 5_000);
  return sample;
}

test("rows that were answered with a number are there for a model in its own order", () => {
  expect(sampled().for({ ...RULES, features: ["a", "b"] })).toEqual({ rows: 2, columns: [Float64Array.of(2, 4), ["x", "z"]] });
});

test("a model that takes the event time finds it in the sample", () => {
  const sample = new RowSample();
  const frame = { ids: Ids.of(["p", "q"]), columns: new Map([["a", Float64Array.of(1, 2)]]), eventTimes: Float64Array.of(500, 600) };
  sample.note({ frame, rowOf: (row) => row }, Float64Array.of(1, 1), 0);
  expect(sample.for({ features: ["event_time"], kinds: ["number"], allowsMissing: false })).toEqual({
    rows: 2,
    columns: [Float64Array.of(500, 600)],
  });
});

test("a second passes from one sample to the next", () => {
  const sample = sampled();
  expect([sample.isDue(5_999), sample.isDue(6_000)]).toEqual([false, true]);
});

test("a model that needs more features than there are does not fit; one that takes fewer does", () => {
  expect(sampled().misfit(["a", "b"])).toBeUndefined();
  expect(sampled().misfit(["b", "c"])).toBe("it needs c, and the rows that are scored now have only a, b");
  expect(sampled().misfit(["b"])).toBeUndefined();
});

test("rows of a text file are read as the other model wants them", () => {
  const sample = new RowSample();
  const frame = { ids: Ids.of(["p"]), columns: new Map([["zip", ["01234"]]]), asWritten: true };
  sample.note({ frame, rowOf: (row) => row }, Float64Array.of(1), 0);
  expect(sample.for({ features: ["zip"], kinds: ["number"], allowsMissing: false })).toEqual({
    rows: 1,
    columns: [Float64Array.of(1_234)],
  });
});

test("rows that Python wrote as floats are spelled so for a model that takes text", () => {
  const sample = new RowSample();
  const columns = new Map([["size", Float64Array.of(59, 93.2)]]);
  const frame = { ids: Ids.of(["p", "q"]), columns, asWritten: true, pythonFloats: new Set(["size"]) };
  sample.note({ frame, rowOf: (row) => row }, Float64Array.of(1, 1), 0);
  const forKind = (kind: "text" | "number") => sample.for({ features: ["size"], kinds: [kind], allowsMissing: false })?.columns;
  expect([forKind("text"), forKind("number")]).toEqual([[["59.0", "93.2"]], [Float64Array.of(59, 93.2)]]);
});

test("before the first row every model fits, and none is tried", () => {
  const sample = new RowSample();
  expect([sample.misfit(["x"]), sample.for({ features: ["x"], kinds: ["number"], allowsMissing: false })]).toEqual([undefined, undefined]);
});
