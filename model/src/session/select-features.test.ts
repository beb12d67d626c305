import fc from "fast-check";
import {
  columnOf,
  featuresContract,
  FRAME_FORMATS,
  Ids,
  pythonFloat,
  writtenCell,
  writtenColumns,
  type Column,
  type FeaturesFrame,
} from "@streamgauge/core";
import { asDelivered } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { selectFeatures } from "./select-features.js";
import type { FeatureKind, FeatureRules } from "./feature-kind.js";

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

test("columns that the model does not take are passed over, and named", () => {
  const [a, b] = [Float64Array.of(1, 2), Float64Array.of(3, 4)];
  expect(select(["x", "y"], { c: ["x", "y"], a, d: [null, null], b })).toEqual({
    ids: ["x", "y"],
    columns: [a, b],
    refusals: [],
    passedOver: ["c", "d"],
  });
});

describe("a feature of the name event_time", () => {
  const rules: FeatureRules = { features: ["event_time", "a"], kinds: ["number", "number"], allowsMissing: false };
  const times = { eventTimes: Float64Array.of(500, Number.NaN) };

  test("is the event time, which a row may lack", () => {
    const { ids, columns, refusals } = selectFeatures({ ...frame(["x", "y"], { a: Float64Array.of(1, 2) }), ...times }, rules);
    expect([ids.toArray(), columns]).toEqual([["x"], [Float64Array.of(500), Float64Array.of(1)]]);
    expect(refusals.map(({ row, field }) => [row, field])).toEqual([[1, "event_time"]]);
  });

  test("is the column of that name if there is one", () => {
    const own = frame(["x", "y"], { a: Float64Array.of(1, 2), event_time: Float64Array.of(7, 8) });
    expect(selectFeatures({ ...own, ...times }, rules).columns).toEqual([Float64Array.of(7, 8), Float64Array.of(1, 2)]);
  });

  test("is no column that is passed over if the model has none", () => {
    const selected = selectFeatures({ ...frame(["x", "y"], { a: Float64Array.of(1, 2) }), ...times }, { ...rules, features: ["a"] });
    expect([selected.passedOver, selected.refusals]).toEqual([undefined, []]);
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

  test("and a model with many features is described in few words", () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `feature${i}`);
    const [first, last] = [select(["x"], { c: [1] }, names).refusals[0], select(["x"], { c: [1] }, names).refusals.at(-1)];
    expect(first).toEqual({ row: 0, id: "x", field: "feature0", reason: "the model needs this feature" });
    expect(last?.reason).toHaveLength("the model does not know c; it takes ".length + 300);
    expect(last?.reason.endsWith("...")).toBe(true);
  });
});

describe("rows that cannot be scored are refused, and the others are kept", () => {
  test.each([
    ["a missing value", null, "the value is missing; with ALLOW_MISSING=1 it reaches the model as NaN"],
    ["text", "red", 'not a number, got "red"'],
    ["a number in quotes", "59", 'not a number, got "59"'],
    ["empty text", "", 'not a number, got ""; with ALLOW_MISSING=1 it counts as missing'],
    ["a decimal comma", "1,5", 'not a number, got "1,5": write a decimal point'],
    ["what stands for a missing value", "NA", 'not a number, got "NA"; with ALLOW_MISSING=1 it counts as missing'],
    ["long text", "x".repeat(100), `not a number, got "${"x".repeat(56)}...`],
  ])("%s", (_, cell, reason) => {
    expect(select(["x", "y", "z"], { a: Float64Array.of(1, 2, 3), b: [4, cell, 6] })).toEqual({
      ids: ["x", "z"],
      columns: [Float64Array.of(1, 3), Float64Array.of(4, 6)],
      refusals: [{ row: 1, id: "y", field: "b", reason }],
      positions: [0, 2],
    });
  });

  test("a number that is infinite in the precision of the model, typed or not, and as text of a file", () => {
    const rules: FeatureRules = {
      features: FEATURES,
      kinds: ["number", "number"],
      precisions: ["float32", "float64"],
      allowsMissing: true,
    };
    const ids = ["w", "x", "y", "z"];
    const b = Float64Array.of(1e300, 2, 3, 4);
    const reason = (value: string) =>
      `the model takes numbers from -3.4028234663852886e+38 to 3.4028234663852886e+38 here (float32), got ${value}`;
    const refusals = [
      { row: 1, id: "x", field: "a", reason: reason("3.5e+38") },
      { row: 3, id: "z", field: "a", reason: reason("-1e+39") },
    ];
    for (const a of [Float64Array.of(1, 3.5e38, 2, -1e39), [1, 3.5e38, 2, -1e39]]) {
      const selected = selectFeatures(frame(ids, { a, b }), rules);
      expect({ ...selected, ids: selected.ids.toArray() }).toEqual({
        ids: ["w", "y"],
        columns: [Float64Array.of(1, 2), Float64Array.of(1e300, 3)],
        refusals,
        positions: [0, 2],
      });
    }
    const written = { ...frame(ids, { a: ["1", "3.5e38", "2", "-1e39"], b }), asWritten: true };
    expect(selectFeatures(written, rules).refusals).toEqual(refusals);
    expect(selectFeatures(frame(ids, { a: [null, 1, 2, 3], b }), rules).refusals).toEqual([]);
  });

  test("each of its cells is named", () => {
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

describe("what a model takes decides what a value is", () => {
  const rules = (kind: FeatureKind, allowsMissing = false): FeatureRules => ({ features: ["a"], kinds: [kind], allowsMissing });
  const one = (cell: string | number | null, of: FeatureRules) => {
    const { columns, refusals } = selectFeatures(frame(["x"], { a: typeof cell === "number" ? Float64Array.of(cell) : [cell] }), of);
    return refusals[0]?.reason ?? columns[0];
  };

  test.each<[FeatureKind, string | number | null, unknown]>([
    ["text", "red", ["red"]],
    ["text", "01234", ["01234"]],
    ["text", 7, "the model takes text here, got the number 7: send it in quotes"],
    ["text", null, "the value is missing; with ALLOW_MISSING=1 it reaches the model as empty text"],
    ["number", "nan", 'not a number, got "nan"; with ALLOW_MISSING=1 it counts as missing'],
    ["int64", -3, Float64Array.of(-3)],
    ["int64", 2.5, "the model takes whole numbers from -9007199254740991 to 9007199254740991 here, got 2.5"],
    ["uint8", 256, "the model takes whole numbers from 0 to 255 here, got 256"],
    ["int32", "3", 'the model takes whole numbers from -2147483648 to 2147483647 here, got "3"'],
    ["int64", null, "the value is missing, and the model's input has no way to say so"],
    ["bool", 1, Float64Array.of(1)],
    ["bool", "True", Float64Array.of(1)],
    ["bool", "false", Float64Array.of(0)],
    ["bool", "yes", 'neither true nor false, got "yes"'],
    ["bool", 2, "neither true nor false, got 2"],
  ])("%s: %j", (kind, cell, wanted) => {
    expect(one(cell, rules(kind))).toEqual(wanted);
  });

  test.each<[FeatureKind, string | number | null, unknown]>([
    ["number", null, Float64Array.of(Number.NaN)],
    ["number", " NaN", Float64Array.of(Number.NaN)],
    ["number", "", Float64Array.of(Number.NaN)],
    ["number", "N/A", Float64Array.of(Number.NaN)],
    ["number", "?", Float64Array.of(Number.NaN)],
    ["number", "59", 'not a number, got "59"'],
    ["text", "NA", ["NA"]],
    ["number", "red", 'not a number, got "red"'],
    ["text", null, [""]],
    ["int64", null, "the value is missing, and the model's input has no way to say so"],
    ["bool", null, "the value is missing, and the model's input has no way to say so"],
  ])("if missing values are allowed, %s: %j", (kind, cell, wanted) => {
    expect(one(cell, rules(kind, true))).toEqual(wanted);
  });

  const written = (cell: string | number | null, of: FeatureRules) => {
    const columns = new Map([["a", typeof cell === "number" ? Float64Array.of(cell) : [cell]]]);
    const { columns: values, refusals } = selectFeatures({ ids: Ids.of(["x"]), columns, asWritten: true }, of);
    return refusals[0]?.reason ?? values[0];
  };

  test.each<[FeatureKind, string | number | null, unknown]>([
    ["text", "01234", ["01234"]],
    ["text", 75_001, ["75001"]],
    ["text", "59.0", ["59.0"]],
    ["text", "NA", ["NA"]],
    ["text", null, "the value is missing; with ALLOW_MISSING=1 it reaches the model as empty text"],
    ["number", "1e3", Float64Array.of(1_000)],
    ["number", "01234", Float64Array.of(1_234)],
    ["number", " 59.0 ", Float64Array.of(59)],
    ["number", 59, Float64Array.of(59)],
    ["number", "  ", "the value is missing; with ALLOW_MISSING=1 it reaches the model as NaN"],
    ["number", "NA", 'not a number, got "NA"; with ALLOW_MISSING=1 it counts as missing'],
    ["number", "berlin", 'not a number, got "berlin"'],
    ["int64", "3.0", Float64Array.of(3)],
    ["int64", "3.5", "the model takes whole numbers from -9007199254740991 to 9007199254740991 here, got 3.5"],
    ["bool", "1.0", Float64Array.of(1)],
    ["bool", "True", Float64Array.of(1)],
  ])("of a cell of a text file, %s: %j", (kind, cell, wanted) => {
    expect(written(cell, rules(kind))).toEqual(wanted);
  });

  test.each<[FeatureKind, string | number | null, unknown]>([
    ["text", "NA", [""]],
    ["text", "?", ["?"]],
    ["text", "-", ["-"]],
    ["text", null, [""]],
    ["number", "NA", Float64Array.of(Number.NaN)],
    ["number", "?", Float64Array.of(Number.NaN)],
    ["number", null, Float64Array.of(Number.NaN)],
    ["number", "  ", Float64Array.of(Number.NaN)],
    ["number", "missing", 'not a number, got "missing"'],
    ["int64", "NA", 'the model takes whole numbers from -9007199254740991 to 9007199254740991 here, got "NA"'],
  ])("of a cell of a text file if missing values are allowed, %s: %j", (kind, cell, wanted) => {
    expect(written(cell, rules(kind, true))).toEqual(wanted);
  });

  test("rows are left out of columns of text as well", () => {
    const selected = selectFeatures(frame(["x", "y", "z"], { a: ["p", null, "r"], b: Float64Array.of(1, 2, 3) }), {
      features: ["b", "a"],
      kinds: ["number", "text"],
      allowsMissing: false,
    });
    expect(selected.columns).toEqual([Float64Array.of(1, 3), ["p", "r"]]);
  });
});

describe("a column in which Python wrote floats", () => {
  const KINDS: readonly FeatureKind[] = ["text", "number", "int64", "bool"];

  test("is text as it was written for a text input, and numbers for others", () => {
    const columns = new Map([["a", Float64Array.of(1, -0, 1e16)]]);
    const floats = { ids: Ids.of(["x", "y", "z"]), columns, asWritten: true, pythonFloats: new Set(["a"]) };
    const columnsFor = (kind: FeatureKind) => selectFeatures(floats, { features: ["a"], kinds: [kind], allowsMissing: false }).columns;
    expect(columnsFor("text")).toEqual([["1.0", "-0.0", "1e+16"]]);
    expect(columnsFor("number")).toEqual([Float64Array.of(1, -0, 1e16)]);
  });

  test("is for every input what its texts are, in every format, whatever they are", () => {
    const cell = fc.oneof(
      { weight: 6, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(pythonFloat) },
      { weight: 6, arbitrary: fc.integer({ min: -2, max: 2 }).map(pythonFloat) },
      { weight: 1, arbitrary: fc.constantFrom("", "59", "0.5", "red", "nan", "NA", "01", "1e3", "-0.0", "1e+16") },
    );
    let floats = 0;
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 1, maxLength: 10 }),
        fc.constantFrom(...KINDS),
        fc.boolean(),
        fc.constantFrom(...FRAME_FORMATS),
        (texts, kind, allowsMissing, format) => {
          const cells = texts.map(writtenCell);
          const ids = Ids.of(texts.map((_, row) => String(row)));
          const rules: FeatureRules = { features: ["a"], kinds: [kind], allowsMissing };
          const received = (columns: Pick<FeaturesFrame, "columns" | "pythonFloats">) => {
            const message = featuresContract.write({ ids, ...columns, asWritten: true }, format, 0);
            const selected = selectFeatures(featuresContract.read(asDelivered(message)).frame, rules);
            return { ...selected, ids: selected.ids.toArray() };
          };
          const columns = writtenColumns([["a", cells]]);
          if (columns.pythonFloats !== undefined) floats += 1;
          expect(received(columns)).toEqual(received({ columns: new Map([["a", columnOf(cells)]]) }));
        },
      ),
      { numRuns: 500 },
    );
    expect(floats).toBeGreaterThan(50);
  });
});
