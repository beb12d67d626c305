import { Ids, type Column, type FeaturesFrame } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { selectFeatures } from "./select-features.js";

const FEATURES = ["a", "b"];

function frame(ids: readonly string[], columns: Readonly<Record<string, Column>>): FeaturesFrame {
  return { ids: Ids.of(ids), columns: new Map(Object.entries(columns)) };
}

function select(ids: readonly string[], columns: Readonly<Record<string, Column>>, features = FEATURES) {
  const selected = selectFeatures(frame(ids, columns), { features, kinds: features.map(() => "number"), allowsMissing: false });
  return { ...selected, ids: selected.ids.toArray() };
}

describe("a frame that fits the model", () => {
  test("is brought into the model's order, without a copy", () => {
    const [a, b] = [Float64Array.of(1, 2), Float64Array.of(3, 4)];
    const selected = select(["x", "y"], { b, a });
    expect(selected).toEqual({ ids: ["x", "y"], columns: [a, b], refusals: [] });
    expect(selected.columns[0]).toBe(a);
  });

  test("may have no rows", () => {
    expect(select([], { a: new Float64Array(), b: new Float64Array() })).toEqual({
      ids: [],
      columns: [new Float64Array(), new Float64Array()],
      refusals: [],
    });
  });
});

describe("a frame that does not fit", () => {
  test.each([
    ["lacks a feature", { a: Float64Array.of(1, 2) }, [{ field: "b", reason: "the model needs this feature" }]],
    [
      "lacks all",
      {},
      [
        { field: "a", reason: "the model needs this feature" },
        { field: "b", reason: "the model needs this feature" },
      ],
    ],
    [
      "has one that the model does not know",
      { a: Float64Array.of(1, 2), b: Float64Array.of(3, 4), c: Float64Array.of(5, 6) },
      [{ field: "c", reason: "the model does not know c; it takes a, b" }],
    ],
    [
      "has several of those",
      { c: ["x", "y"], a: Float64Array.of(1, 2), d: [null, null], b: Float64Array.of(3, 4) },
      [{ field: "c", reason: "the model does not know c, d; it takes a, b" }],
    ],
    [
      "has one under another name",
      { a: Float64Array.of(1, 2), B: Float64Array.of(3, 4) },
      [
        { field: "b", reason: "the model needs this feature" },
        { field: "B", reason: "the model does not know B; it takes a, b" },
      ],
    ],
  ])("%s: it is refused once, as a whole", (_, columns, refusals) => {
    expect(select(["x", "y"], columns)).toEqual({ ids: [], columns: [], refusals });
  });

  test("and has one row is refused with its id", () => {
    expect(select(["x"], { a: [1], c: [2] }).refusals).toEqual([
      { row: 0, id: "x", field: "b", reason: "the model needs this feature" },
      { row: 0, id: "x", field: "c", reason: "the model does not know c; it takes a, b" },
    ]);
  });

  test("has names that JavaScript's objects have too", () => {
    expect(
      select(["x"], { toString: Float64Array.of(1), ["constructor"]: Float64Array.of(2) }, ["constructor", "__proto__"]),
    ).toMatchObject({
      refusals: [{ field: "__proto__" }, { field: "toString" }],
    });
  });

  test("and a model with many features is told in few words", () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `feature${i}`);
    const [first, last] = [select(["x"], { c: [1] }, names).refusals[0], select(["x"], { c: [1] }, names).refusals.at(-1)];
    expect(first).toEqual({ row: 0, id: "x", field: "feature0", reason: "the model needs this feature" });
    expect(last?.reason).toHaveLength("the model does not know c; it takes ".length + 300);
    expect(last?.reason.endsWith("...")).toBe(true);
  });
});

describe("rows that cannot be scored are refused, and the others are kept", () => {
  test.each([
    ["a missing value", null, "the value is missing"],
    ["text", "red", 'not a number, got "red"'],
    ["a number in quotes", "59", 'not a number, got "59"'],
    ["empty text", "", 'not a number, got ""'],
    ["long text", "x".repeat(100), `not a number, got "${"x".repeat(56)}...`],
  ])("%s", (_, cell, reason) => {
    expect(select(["x", "y", "z"], { a: Float64Array.of(1, 2, 3), b: [4, cell, 6] })).toEqual({
      ids: ["x", "z"],
      columns: [Float64Array.of(1, 3), Float64Array.of(4, 6)],
      refusals: [{ row: 1, id: "y", field: "b", reason }],
      positions: [0, 2],
    });
  });

  test("each of its cells is told", () => {
    const { ids, refusals, positions } = select(["w", "x", "y", "z"], { a: [null, 1, 2, "u"], b: ["v", 3, null, 4] });
    expect(ids).toEqual(["x"]);
    expect(positions).toEqual([1]);
    expect(refusals.map(({ row, id, field }) => [row, id, field])).toEqual([
      [0, "w", "a"],
      [3, "z", "a"],
      [0, "w", "b"],
      [2, "y", "b"],
    ]);
  });

  test("all of them", () => {
    expect(select(["x"], { a: [null], b: [null] })).toMatchObject({
      ids: [],
      columns: [new Float64Array(), new Float64Array()],
      positions: [],
    });
  });

  test("none, though the column is not typed", () => {
    const selected = select(["x"], { a: [1], b: Float64Array.of(2) });
    expect(selected).toEqual({ ids: ["x"], columns: [Float64Array.of(1), Float64Array.of(2)], refusals: [] });
  });
});
