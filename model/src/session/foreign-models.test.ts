import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { describe, expect, onTestFinished, test } from "vitest";
import { ML_DOMAIN, writeOnnx, type OnnxFile, type OnnxNode, type OnnxValue } from "../onnx/onnx-writer.js";
import type { FeatureValues } from "./feature-kind.js";
import { FUNCTION, IF, SEQUENCE_MAP, SPARSE } from "./fixtures/nested-models.js";
import type { OnnxModel, OpenModelOptions } from "./onnx-model.js";
import { openModel } from "./open-model.js";

/*
 * Files as other tools write them, each small enough to know its answers. y = 1·a + 10·b + 100·c unless a test says
 * otherwise, so that a column in the wrong place is seen.
 */

const WEIGHTS = [1, 10, 100];
const ROWS = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
  [0, 0, 1],
  [2, 0, 0],
];
const ANSWERS = [321, 654, 987, 100, 2];
const COLUMNS = [0, 1, 2].map((column) => Float64Array.from(ROWS, (row) => row[column] ?? 0));
const NAMES = { features: ["a", "b", "c"] };

type Part = Partial<OnnxFile> & Pick<OnnxFile, "inputs" | "nodes">;

function value(name: string, type: NonNullable<OnnxValue["type"]>, ...shape: readonly (number | string)[]): OnnxValue {
  return { name, type, shape };
}

function node(operator: string, inputs: readonly string[], outputs: readonly string[], more: Partial<OnnxNode> = {}): OnnxNode {
  return { operator, inputs, outputs, ...more };
}

const cast = (from: string, to: string, type = 1) => node("Cast", [from], [to], { attributes: { to: { integer: type } } });
const concat = (inputs: readonly string[], output: string) => node("Concat", inputs, [output], { attributes: { axis: { integer: 1 } } });
/** To be multiplied with a matrix of three columns. */
const W = { name: "w", shape: [3, 1], values: WEIGHTS } as const;
const Y = value("y", "float32", "N", 1);

async function open(part: Part, options: OpenModelOptions = {}, beside: Readonly<Record<string, string>> = {}): Promise<OnnxModel> {
  const folder = temporaryFolder();
  const path = join(folder, "m.onnx");
  const file = { irVersion: 8, opset: 13, mlOpset: 1, producer: "test", graph: "g", outputs: [Y], constants: [W], metadata: {}, ...part };
  writeFileSync(path, writeOnnx(file));
  for (const [name, text] of Object.entries(beside)) writeFileSync(join(folder, name), text);
  const model = await openModel(path, options);
  onTestFinished(() => model.close());
  return model;
}

/** The answers to all rows in one call, to each alone, and to some: they must agree. */
async function answers(model: OnnxModel, columns: readonly FeatureValues[] = COLUMNS): Promise<number[]> {
  const rows = columns[0]?.length ?? 0;
  const all = await model.predict(rows, columns);
  for (let row = 0; row < rows; row += 1) {
    const alone = await model.predict(
      1,
      columns.map((column) => (column instanceof Float64Array ? column.slice(row) : column.slice(row))),
    );
    expect(alone[0]).toBe(all[row]);
  }
  expect(await model.predict(2, columns)).toEqual(all.slice(0, 2));
  return [...all];
}

describe("one matrix", () => {
  test.each<[NonNullable<OnnxValue["type"]>, string, string]>([
    ["float32", "number", "float32"],
    ["float64", "number", "float64"],
    ["float16", "number", "float16"],
    ["int64", "int64", "float64"],
    ["int32", "int32", "float64"],
  ])("of %s", async (type, kind, precision) => {
    const nodes = [cast("X", "x"), node("MatMul", ["x", "w"], ["y"])];
    const model = await open({ inputs: [value("X", type, "N", 3)], nodes }, NAMES);
    expect(model.kinds).toEqual([kind, kind, kind]);
    expect(model.precisions).toEqual([precision, precision, precision]);
    expect(await answers(model)).toEqual(ANSWERS);
  });

  test("of float64 to float64, without a digit lost", async () => {
    const constants = [{ name: "w", type: "float64", shape: [3, 1], values: WEIGHTS }] as const;
    const part = { inputs: [value("X", "float64", "N", 3)], outputs: [value("y", "float64", "N", 1)], constants };
    const model = await open({ ...part, nodes: [node("MatMul", ["X", "w"], ["y"])] }, NAMES);
    expect(await model.predict(1, [Float64Array.of(0.1), Float64Array.of(0), Float64Array.of(1e9)])).toEqual(
      Float64Array.of(100000000000.1),
    );
  });

  test("of float16 to float16", async () => {
    const outputs = [value("y", "float16", "N", 1)];
    const nodes = [cast("X", "x"), node("MatMul", ["x", "w"], ["z"]), cast("z", "y", 10)];
    expect(await answers(await open({ inputs: [value("X", "float16", "N", 3)], outputs, nodes }, NAMES))).toEqual(ANSWERS);
  });

  test("of texts", async () => {
    const encode = { domain: ML_DOMAIN, attributes: { keys_strings: { texts: ["lo", "hi"] }, values_floats: { floats: [1, 2] } } } as const;
    const nodes = [node("LabelEncoder", ["X"], ["x"], encode), node("MatMul", ["x", "w"], ["y"])];
    const constants = [{ name: "w", shape: [2, 1], values: [1, 10] }];
    const model = await open({ mlOpset: 2, inputs: [value("X", "string", "N", 2)], nodes, constants }, { features: ["a", "b"] });
    expect(model.kinds).toEqual(["text", "text"]);
    expect(
      await answers(model, [
        ["lo", "hi", "lo"],
        ["lo", "lo", "hi"],
      ]),
    ).toEqual([11, 12, 21]);
  });

  test.each<[string, (number | string)[]]>([
    ["of open width", ["N", "width"]],
    ["without a declared shape", []],
  ])("%s", async (_, shape) => {
    const input: OnnxValue = shape.length === 0 ? { name: "X", type: "float32" } : value("X", "float32", ...shape);
    expect(await answers(await open({ inputs: [input], nodes: [node("MatMul", ["X", "w"], ["y"])] }, NAMES))).toEqual(ANSWERS);
  });

  test.each<[string, (number | string)[]]>([
    ["[N, 1, 3], as recurrent networks want it", ["N", 1, 3]],
    ["[N, 3, 1], as convolutions want it", ["N", 3, 1]],
  ])("with more dimensions: %s", async (_, shape) => {
    const constants = [W, { name: "flat", type: "int64", shape: [2], values: [-1, 3] }] as const;
    const nodes = [node("Reshape", ["X", "flat"], ["x"]), node("MatMul", ["x", "w"], ["y"])];
    expect(await answers(await open({ inputs: [value("X", "float32", ...shape)], nodes, constants }, NAMES))).toEqual(ANSWERS);
  });
});

describe("the batch", () => {
  const inputs = (...shape: readonly (number | string)[]) => [value("X", "float32", ...shape)];
  const nodes = [node("MatMul", ["X", "w"], ["y"])];

  test.each([1, 2, 4, 64])("of %d rows is filled up, and the filling dropped", async (rows) => {
    const model = await open({ inputs: inputs(rows, 3), outputs: [value("y", "float32", rows, 1)], nodes }, NAMES);
    expect(await answers(model)).toEqual(ANSWERS);
    expect(model.notes).toHaveLength(1);
  });

  test("is missing: a row goes in, and one number comes out", async () => {
    const model = await open({ inputs: inputs(3), outputs: [value("y", "float32", 1)], nodes }, NAMES);
    expect(await answers(model)).toEqual(ANSWERS);
  });

  test("is missing in single values, and the answer is one", async () => {
    const singles = ["a", "b", "c"].map((name) => value(name, "float32"));
    const sums = [
      node("Mul", ["b", "ten"], ["tens"]),
      node("Mul", ["c", "hundred"], ["hundreds"]),
      node("Sum", ["a", "tens", "hundreds"], ["y"]),
    ];
    const constants = [
      { name: "ten", shape: [], values: [10] },
      { name: "hundred", shape: [], values: [100] },
    ];
    const model = await open({
      inputs: singles.map((one) => ({ ...one, shape: [] })),
      outputs: [value("y", "float32")],
      nodes: sums,
      constants,
    });
    expect(model.features).toEqual(["a", "b", "c"]);
    expect(await answers(model)).toEqual(ANSWERS);
  });

  test("is said to be open, and is not: rows are scored one by one", async () => {
    const constants = [W, { name: "row", type: "int64", shape: [2], values: [1, 3] }] as const;
    const reshape = [node("Reshape", ["X", "row"], ["x"]), node("MatMul", ["x", "w"], ["y"])];
    const model = await open({ inputs: inputs("N", 3), nodes: reshape, constants }, NAMES);
    expect(model.notes).toEqual(["it fails on several rows at once: they are scored one after another"]);
    expect(await answers(model)).toEqual(ANSWERS);
  });

  test("is summed up in one answer: rows are scored one by one", async () => {
    const sum = [node("MatMul", ["X", "w"], ["each"]), node("ReduceSum", ["each"], ["y"])];
    expect(await answers(await open({ inputs: inputs("N", 3), nodes: sum }, NAMES))).toEqual(ANSWERS);
  });

  test("has an influence on the answers: rows are scored one by one", async () => {
    // The greatest of all rows is added to each: only alone is a row's answer its own.
    const greatest = { attributes: { axes: { integers: [0] }, keepdims: { integer: 1 } } } as const;
    const max = [node("MatMul", ["X", "w"], ["each"]), node("ReduceMax", ["each"], ["top"], greatest), node("Add", ["each", "top"], ["y"])];
    const model = await open({ inputs: inputs("N", 3), nodes: max }, NAMES);
    expect(model.notes).toEqual(["its answer to a row depends on the others in the call: rows are scored one after another"]);
    expect(await answers(model)).toEqual(ANSWERS.map((answer) => 2 * answer));
  });
});

describe("one input a column", () => {
  const encode = { domain: ML_DOMAIN, attributes: { keys_strings: { texts: ["lo", "hi"] }, values_floats: { floats: [1, 2] } } } as const;

  test.each<[string, (string | number)[]]>([
    ["[N, 1]", ["N", 1]],
    ["[?, 1], with the batch open", ["", 1]],
    ["[1, 1], with the batch fixed", [1, 1]],
    ["[3, 1], with the batch fixed", [3, 1]],
  ])("of mixed types, each %s", async (_, shape) => {
    const inputs = [
      value("city", "string", ...shape),
      value("rooms", "int64", ...shape),
      value("area", "float64", ...shape),
      value("garden", "bool", ...shape),
    ];
    const nodes = [
      node("LabelEncoder", ["city"], ["c"], encode),
      cast("rooms", "r"),
      cast("area", "a"),
      cast("garden", "g"),
      concat(["c", "r", "a", "g"], "x"),
      node("MatMul", ["x", "w"], ["y"]),
    ];
    const constants = [{ name: "w", shape: [4, 1], values: [1, 10, 100, 1000] }];
    const model = await open({ mlOpset: 2, inputs, nodes, constants, outputs: [value("y", "float32", shape[0] ?? "N", 1)] });
    expect(model).toMatchObject({ features: ["city", "rooms", "area", "garden"], kinds: ["text", "int64", "number", "bool"] });
    const columns = [["lo", "hi"], Float64Array.of(3, 4), Float64Array.of(0.5, 2), Float64Array.of(1, 0)];
    expect(await answers(model, columns)).toEqual([1081, 242]);
  });

  test("[N] each", async () => {
    const inputs = ["a", "b", "c"].map((name) => value(name, "float32", "N"));
    const nodes = [node("Mul", ["b", "c"], ["bc"]), node("Add", ["a", "bc"], ["y"])];
    const model = await open({ inputs, nodes, outputs: [value("y", "float32", "N")], constants: [] }, { dataset: ["c", "b", "a"] });
    expect(model.features).toEqual(["a", "b", "c"]);
    expect(await answers(model)).toEqual([7, 34, 79, 0, 2]);
  });

  test("beside a matrix of the other columns", async () => {
    const inputs = [value("rest", "float32", "N", 2), value("city", "string", "N", 1)];
    const nodes = [node("LabelEncoder", ["city"], ["c"], encode), concat(["rest", "c"], "x"), node("MatMul", ["x", "w"], ["y"])];
    const model = await open({ mlOpset: 2, inputs, nodes }, { dataset: ["a", "city", "b"] });
    expect(model).toMatchObject({ features: ["a", "b", "city"], kinds: ["number", "number", "text"] });
    expect(await answers(model, [Float64Array.of(1, 2), Float64Array.of(3, 4), ["hi", "lo"]])).toEqual([231, 142]);
  });

  test("whose encoder knows certain texts only is tried with one of those", async () => {
    const inputs = [value("size", "float32", "N", 1), value("city", "string", "N", 1)];
    const attributes = { cats_strings: { texts: ["Rome", "Oslo"] }, zeros: { integer: 0 } } as const;
    const nodes = [
      node("OneHotEncoder", ["city"], ["wide"], { domain: ML_DOMAIN, attributes }),
      node("Reshape", ["wide", "flat"], ["c"]),
      concat(["size", "c"], "x"),
      node("MatMul", ["x", "w"], ["y"]),
    ];
    const constants = [W, { name: "flat", type: "int64", shape: [2], values: [-1, 2] }] as const;
    const model = await open({ inputs, nodes, constants });
    expect(model.sample).toEqual([1, "Rome"]);
    expect(await answers(model, [Float64Array.of(5, 6), ["Rome", "Oslo"]])).toEqual([15, 106]);
    await expect(model.predict(1, [Float64Array.of(5), ["Paris"]])).rejects.toMatchObject({ reason: "run-failed" });
  });
});

describe("outputs", () => {
  const inputs = [value("X", "float32", "N", 3)];
  const score = node("MatMul", ["X", "w"], ["y"]);

  test.each<[string, OnnxValue[]]>([
    ["[N]", [value("y", "float32", "N")]],
    ["[1, 1]", [value("y", "float32", 1, 1)]],
    ["[N, 3]", [value("y", "float32", "N", 3)]],
    ["no shape", [{ name: "y", type: "float32" }]],
  ])("declared as %s that are [N, 1]", async (_, outputs) => {
    expect(await answers(await open({ inputs, nodes: [score], outputs }, NAMES))).toEqual(ANSWERS);
  });

  test.each<[NonNullable<OnnxValue["type"]>, number]>([
    ["int64", 7],
    ["int32", 6],
  ])("of whole numbers (%s), which are chosen", async (type, code) => {
    const part = { inputs, nodes: [node("MatMul", ["X", "w"], ["z"]), cast("z", "y", code)], outputs: [value("y", type, "N", 1)] };
    expect(await answers(await open(part, { ...NAMES, output: "y" }))).toEqual(ANSWERS);
    await expect(open(part, NAMES)).rejects.toThrow("with OUTPUT=y");
  });

  test("beside maps, which are left where they are", async () => {
    const zip = { domain: ML_DOMAIN, attributes: { classlabels_int64s: { integers: [0, 1, 2] } } } as const;
    const nodes = [score, node("ZipMap", ["X"], ["map"], zip)];
    const outputs = [Y, { name: "map" }];
    const model = await open({ inputs, nodes, outputs }, { ...NAMES, output: "y" });
    expect(await answers(model)).toEqual(ANSWERS);
  });

  test("of several targets, one of which is chosen", async () => {
    const constants = [{ name: "w", shape: [3, 2], values: [1, 0, 10, 0, 100, 2] }];
    const part = { inputs, nodes: [score], constants, outputs: [value("y", "float32", "N", 2)] };
    expect(await answers(await open(part, { ...NAMES, output: "y[0]" }))).toEqual(ANSWERS);
    expect(await answers(await open(part, { ...NAMES, output: "y[1]" }))).toEqual([6, 12, 18, 2, 0]);
    await expect(open(part, NAMES)).rejects.toMatchObject({
      reason: "unsupported-output",
      problem: "the output y has 2 numbers a row",
      remedy: "Choose one, with OUTPUT=y[0] to OUTPUT=y[1], or export a model with one target",
    });
    await expect(open(part, { ...NAMES, output: "y[2]" })).rejects.toThrow("the output y has 2 numbers a row, and number 2 is chosen");
  });

  test("of a batch of fixed size and several targets", async () => {
    const constants = [{ name: "w", shape: [3, 2], values: [1, 0, 10, 0, 100, 2] }];
    const part = { inputs: [value("X", "float32", 2, 3)], nodes: [score], constants, outputs: [value("y", "float32", 2, 2)] };
    expect(await answers(await open(part, { ...NAMES, output: "y[1]" }))).toEqual([6, 12, 18, 2, 0]);
  });
});

describe("a file of ML.NET", () => {
  /** A pipeline as its exporter writes it: every column comes back under another name, at last through Identity, and the label goes in. */
  const files = (batch: number | string, label: NonNullable<OnnxValue["type"]>): Part => {
    const column = (name: string, type: NonNullable<OnnxValue["type"]> = "float32", width = 1) => value(name, type, batch, width);
    const same = (from: string, name: string) => node("Identity", [from], [`${name}.output`]);
    const scaler = { domain: ML_DOMAIN, attributes: { offset: { floats: [0] }, scale: { floats: [100] } } } as const;
    const linear = {
      domain: ML_DOMAIN,
      attributes: { coefficients: { floats: [1, 10, 1] }, intercepts: { floats: [0] }, targets: { integer: 1 } },
    } as const;
    return {
      irVersion: 6,
      opset: 11,
      mlOpset: 2,
      producer: "ML.NET",
      graph: "model",
      constants: [],
      inputs: [column("a"), column("b"), column("c"), column("note", "string"), column("Label", label)],
      outputs: [
        ...["a", "b", "c"].map((name) => column(`${name}.output`)),
        column("note.output", "string"),
        column("Label.output", label),
        column("Features.output", "float32", 3),
        column("Score.output"),
      ],
      nodes: [
        node("Scaler", ["c"], ["c0"], scaler),
        concat(["a", "b", "c0"], "Features"),
        node("LinearRegressor", ["Features"], ["Score"], linear),
        ...["a", "b"].map((name) => same(name, name)),
        same("c0", "c"),
        ...["note", "Label", "Features", "Score"].map((name) => same(name, name)),
      ],
    };
  };

  test.each<[number | string, NonNullable<OnnxValue["type"]>]>([
    [1, "float32"],
    ["None", "float32"],
    ["None", "int64"],
    ["None", "string"],
    ["None", "bool"],
  ])("of %s rows a call: Score.output is y_pred, and the label (%s) and a text need not be sent", async (batch, label) => {
    const model = await open(files(batch, label));
    expect(model).toMatchObject({ features: ["a", "b", "c"], kinds: ["number", "number", "number"] });
    expect(model.notes).toEqual([
      ...(batch === 1 ? ["it takes one row a call: rows are scored one after another"] : []),
      "the prediction does not depend on note, Label: rows need no such values",
      "y_pred is its output Score.output",
    ]);
    expect(await answers(model)).toEqual(ANSWERS);
  });

  test("needs another input if another output is chosen", async () => {
    const model = await open(files("None", "int64"), { output: "Label.output" });
    expect(model).toMatchObject({ features: ["Label"], kinds: ["int64"] });
    expect(await answers(model, [Float64Array.of(7, 8)])).toEqual([7, 8]);
  });

  test("takes a row with its text if that is what it learned from", async () => {
    const encode = { domain: ML_DOMAIN, attributes: { keys_strings: { texts: ["lo", "hi"] }, values_floats: { floats: [1, 2] } } } as const;
    const { nodes, ...part } = files("None", "float32");
    const encoded = [
      node("LabelEncoder", ["note"], ["a0"], encode),
      ...nodes.map((each) => (each.operator === "Concat" ? concat(["a0", "b", "c0"], "Features") : each)),
    ];
    const model = await open({ ...part, nodes: encoded });
    expect(model).toMatchObject({ features: ["b", "c", "note"], kinds: ["number", "number", "text"] });
    expect(await answers(model, [Float64Array.of(1, 2), Float64Array.of(3, 4), ["hi", "lo"]])).toEqual([312, 421]);
  });
});

describe("an input that the prediction does not depend on", () => {
  const [a, b] = ["a", "b"].map((name) => value(name, "float32", "N", 1)) as [OnnxValue, OnnxValue];
  const sum = node("Add", ["a", "b"], ["y"]);

  test.each<[string, OnnxValue, readonly OnnxNode[], OnnxValue]>([
    ["a label of one row a call", value("label", "float32", 1, 1), [node("Sub", ["y", "label"], ["error"])], value("error", "float32")],
    [
      "a text that its encoder would refuse",
      value("label", "string", "N", 1),
      [
        node("OneHotEncoder", ["label"], ["wide"], {
          domain: ML_DOMAIN,
          attributes: { cats_strings: { texts: ["x"] }, zeros: { integer: 0 } },
        }),
      ],
      value("wide", "float32"),
    ],
    [
      "numbers that JavaScript cannot write",
      value("label", "bfloat16", "N", 1),
      [node("Identity", ["label"], ["z"])],
      value("z", "bfloat16"),
    ],
    ["no tensor at all", { name: "label" }, [], Y],
  ])("may be %s", async (_, label, nodes, output) => {
    const part = { inputs: [a, b, label], outputs: output === Y ? [Y] : [Y, output], nodes: [sum, ...nodes], constants: [] };
    const model = await open(part, { output: "y" });
    expect(model.features).toEqual(["a", "b"]);
    expect(model.notes[0]).toBe("the prediction does not depend on label: rows need no such values");
    expect(await answers(model, [Float64Array.of(1, 2, 3), Float64Array.of(10, 20, 30)])).toEqual([11, 22, 33]);
  });

  test("is every other one if the output is an input itself", async () => {
    const model = await open({ inputs: [a, b], outputs: [Y, a], nodes: [sum], constants: [] }, { output: "a" });
    expect(model.features).toEqual(["a"]);
    expect(await answers(model, [Float64Array.of(1, 2)])).toEqual([1, 2]);
  });

  test("does not change the version, which is that of the file", async () => {
    const part = { inputs: [a, b, value("label", "float32", "N", 1)], nodes: [sum, node("Neg", ["label"], ["z"])], constants: [] };
    const two = { ...part, outputs: [Y, value("z", "float32", "N", 1)] };
    expect((await open(two, { output: "y" })).version).toBe((await open(two, { output: "z" })).version);
  });

  test.each<[string, string, string, readonly string[], number]>([
    ["a branch of an If reads", IF, "y", ["a", "b", "c"], 11],
    ["a branch of an If reads, for its other output", IF, "z", ["a", "c", "label"], 101],
    ["a function of the model reads", FUNCTION, "y", ["a", "b"], 10],
    ["a function of the model reads, for its other output", FUNCTION, "z", ["a", "label"], 101],
    ["the body of a SequenceMap reads", SEQUENCE_MAP, "y", ["a", "b"], 11],
    ["a sparse constant gives its value", SPARSE, "y", ["a"], 10],
  ])("is not one that %s", async (_, base64, output, features, yPred) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "m.onnx"), Buffer.from(base64, "base64"));
    const model = await openModel(join(folder, "m.onnx"), { output });
    onTestFinished(() => model.close());
    expect(model.features).toEqual(features);
    const row: Readonly<Record<string, number>> = { a: 1, b: 10, c: 5, label: 100 };
    expect(
      await model.predict(
        1,
        features.map((name) => Float64Array.of(row[name] ?? 0)),
      ),
    ).toEqual(Float64Array.of(yPred));
  });
});

describe("model.json beside the file", () => {
  const part = {
    inputs: [value("X", "float32", "N", 3)],
    nodes: [node("MatMul", ["X", "w"], ["y"]), node("Neg", ["y"], ["z"])],
    outputs: [Y, value("z", "float32", "N", 1)],
  };

  test("says what the file does not", async () => {
    const says = { name: "price", features: ["p", "q", "r"], output: "z", target: "price", target_unit: "€" };
    const model = await open(part, {}, { "model.json": JSON.stringify(says) });
    expect(model).toMatchObject({ name: "price", features: ["p", "q", "r"], target: "price", targetUnit: "€" });
    expect(await answers(model)).toEqual(ANSWERS.map((answer) => -answer));
  });

  test("is called like the file, if there is one of that name", async () => {
    const beside = { "model.json": '{"features": ["no", "no", "no"]}', "m.json": '{"features": ["p", "q", "r"], "output": "y"}' };
    expect(await open(part, {}, beside)).toMatchObject({ features: ["p", "q", "r"] });
  });

  test("gives way to what the file itself says, and to OUTPUT", async () => {
    const metadata = { "streamgauge.features": '["a","b","c"]' };
    const model = await open({ ...part, metadata }, { output: "y" }, { "model.json": '{"features": ["p", "q", "r"], "output": "z"}' });
    expect(model.features).toEqual(["a", "b", "c"]);
    expect(await answers(model)).toEqual(ANSWERS);
  });

  test("does not count if it has none of the entries", async () => {
    const model = await open(part, { ...NAMES, output: "y" }, { "model.json": '{"learner": {"feature_names": []}}' });
    expect(model.features).toEqual(["a", "b", "c"]);
  });

  test.each([
    ['{"features": "a, b"}', "the metadata streamgauge.features is a, b"],
    ['{"features": ["a", "b"', "model.json beside it is not JSON"],
  ])("must be right: %s", async (text, problem) => {
    await expect(open(part, { output: "y" }, { "model.json": text })).rejects.toThrow(problem);
  });
});

describe("a model in two files", () => {
  // Made with Python's onnx 1.23.1: y = X · w, X float32 [N, 2], w float32 [2, 1] in w.bin.
  const bytes = Buffer.from(
    "CA46fAoRCgFYCgF3EgF5IgZNYXRNdWwSAWcqOAgCCAEQAUIBd2oRCghsb2NhdGlvbhIFdy5iaW5qCwoGb2Zmc2V0EgEwagsKBmxlbmd0aBIBOHABWhQKAVgSDwoN" +
      "CAESCQoDEgFOCgIIAmIUCgF5Eg8KDQgBEgkKAxIBTgoCCAFCBAoAEA0=",
    "base64",
  );

  // Its format is IR 14, which ONNX Runtime does not read yet; nothing in it needs more than IR 8.
  bytes[1] = 8;

  async function openBeside(data?: Uint8Array): Promise<OnnxModel> {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "m.onnx"), bytes);
    if (data !== undefined) writeFileSync(join(folder, "w.bin"), data);
    const model = await openModel(join(folder, "m.onnx"), { features: ["a", "b"] });
    onTestFinished(() => model.close());
    return model;
  }
  const weights = (...values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);

  test("is served, and its version covers both", async () => {
    const model = await openBeside(weights(2, 3));
    expect(await model.predict(1, [Float64Array.of(1), Float64Array.of(10)])).toEqual(Float64Array.of(32));
    expect(model.version).not.toBe((await openBeside(weights(2, 4))).version);
  });

  test("says which file is missing", async () => {
    await expect(openBeside()).rejects.toMatchObject({
      reason: "external-data",
      problem: expect.stringMatching(/^the model keeps its numbers in a second file, w\.bin, and that cannot be read \(ENOENT/),
    });
  });

  test("says that the second file is a Git LFS pointer, or too short", async () => {
    await expect(openBeside(Buffer.from("version https://git-lfs.github.com/spec/v1\n"))).rejects.toMatchObject({
      reason: "git-lfs-pointer",
    });
    await expect(openBeside(new Uint8Array(4))).rejects.toMatchObject({ reason: "refused" });
  });
});
