import { describe, expect, it } from "vitest";
import { modelSignature } from "./model-signature.js";
import type { OnnxHeader } from "../onnx/header.js";
import type { DeclaredValue } from "../onnx/declared-value.js";

const input: DeclaredValue = { name: "X", type: "float32", shape: ["N", 2] };
const output: DeclaredValue = { name: "y", type: "float32", shape: ["N", 1] };
const header: OnnxHeader = {
  irVersion: 8,
  producer: "test",
  opsets: new Map([["ai.onnx", 13]]),
  metadata: new Map([["streamgauge.features", '["a","b"]']]),
  inputs: [input],
  outputs: [output],
  nodes: [{ operator: "MatMul", domain: "", inputs: ["X", "w"], outputs: ["y"] }],
  functions: new Map(),
  externalFiles: [],
};

describe("modelSignature", () => {
  it("names the model after its file, and leaves out what the file does not say", () => {
    expect(modelSignature("/models/risk.v2.onnx", header)).toEqual({
      name: "risk.v2",
      features: ["a", "b"],
      kinds: ["number", "number"],
      precisions: ["float32", "float32"],
      plan: {
        inputs: [{ name: "X", type: "float32", kind: "number", hasBatch: true, sizes: [2], width: 2, batch: undefined }],
        unneeded: [],
        batch: undefined,
      },
      output: { name: "y" },
      notes: [],
    });
  });

  it("takes name, target and unit from the metadata", () => {
    const metadata = new Map([
      ...header.metadata,
      ["streamgauge.name", "risk"],
      ["streamgauge.target", "loss"],
      ["streamgauge.target_unit", "€"],
    ]);
    expect(modelSignature("m.onnx", { ...header, metadata })).toMatchObject({ name: "risk", target: "loss", targetUnit: "€" });
  });

  it("gives an input of open width as many columns as there are names", () => {
    const inputs = [{ ...input, shape: ["N", "", 1, ""] }];
    expect(modelSignature("m.onnx", { ...header, inputs }).plan.inputs).toMatchObject([{ width: 2, sizes: [2, 1, 1] }]);
  });
});

describe("a batch", () => {
  const planOf = (inputs: readonly DeclaredValue[]) => {
    const nodes = [{ operator: "Sum", domain: "", inputs: inputs.map(({ name }) => name), outputs: ["y"] }];
    return modelSignature("m.onnx", { ...header, metadata: new Map(), inputs, nodes }, { configured: ["a", "b"] }).plan;
  };
  const column = (name: string, shape: DeclaredValue["shape"]): DeclaredValue => ({ name, type: "float32", shape });

  it.each<[string, DeclaredValue[], number | undefined, boolean]>([
    ["is open", [column("X", ["N", 2])], undefined, true],
    ["is open if nothing is declared", [column("X", undefined)], undefined, true],
    ["is 1", [column("X", [1, 2])], 1, true],
    ["is 8", [column("X", [8, 1, 2])], 8, true],
    ["is missing in a row", [column("X", [2])], 1, false],
    ["is missing in a row of open length", [column("X", ["length"])], 1, false],
    ["is missing in single values", [column("a", []), column("b", [])], 1, false],
    ["is all there is of columns", [column("a", ["N"]), column("b", ["N"])], undefined, true],
    ["of 4 is all there is of columns", [column("a", [4]), column("b", [4])], 4, true],
    ["is that of the input that has one", [column("a", ["N", 1]), column("b", [3, 1])], 3, true],
  ])("%s", (_, inputs, batch, hasBatch) => {
    const plan = planOf(inputs);
    expect(plan.batch).toBe(batch);
    expect(plan.inputs.map((each) => each.hasBatch)).toEqual(inputs.map(() => hasBatch));
    expect(plan.inputs.reduce((sum, { width }) => sum + (width ?? 0), 0)).toBe(2);
  });

  it("must be the same for all inputs", () => {
    expect(() => planOf([column("a", [2, 1]), column("b", [3, 1])])).toThrow(
      "the inputs a (float32 [2, 1]), b (float32 [3, 1]) take different numbers of rows a call",
    );
  });

  it("is of tensors", () => {
    expect(() => planOf([{ name: "rows", type: undefined, shape: undefined }])).toThrow(
      "the input rows (a sequence or map) takes neither numbers nor texts. Export the model with tensors of numbers or strings as inputs.",
    );
    expect(() => planOf([{ name: "z", type: "complex64", shape: ["N", 2] }])).toThrow("the input z (complex64 [N, 2]) takes neither");
    expect(() => planOf([{ name: "h", type: "bfloat16", shape: ["N", 2] }])).toThrow(
      "the input h (bfloat16 [N, 2]) takes numbers that ONNX Runtime for Node cannot write. Export the model in float32.",
    );
  });
});

describe("an input that the prediction does not depend on", () => {
  it("is no feature: so the label that ML.NET asks for", () => {
    const inputs = [input, { name: "price", type: "float32", shape: [1, 1] }];
    const nodes = [...header.nodes, { operator: "Identity", domain: "", inputs: ["price"], outputs: ["price.output"] }];
    const outputs = [{ name: "price.output", type: "float32", shape: [1, 1] }, output];
    const signature = modelSignature("m.onnx", { ...header, inputs, nodes, outputs });
    expect(signature).toMatchObject({ features: ["a", "b"], output: { name: "y" } });
    expect(signature.plan.unneeded.map(({ name }) => name)).toEqual(["price"]);
    expect(signature.notes).toEqual(["the prediction does not depend on price: rows need no such values", "y_pred is its output y"]);
  });

  it("may be of any type", () => {
    const inputs = [input, { name: "rows", type: undefined, shape: undefined }, { name: "half", type: "bfloat16", shape: ["N", 2] }];
    const { features, plan } = modelSignature("m.onnx", { ...header, inputs });
    expect(features).toEqual(["a", "b"]);
    expect(plan.unneeded).toEqual(inputs.slice(1));
  });

  it("depends on the output that is chosen", () => {
    const inputs = ["a", "b"].map((name) => ({ ...input, name, shape: ["N", 1] }));
    const nodes = ["a", "b"].map((name) => ({ operator: "Neg", domain: "", inputs: [name], outputs: [`of ${name}`] }));
    const outputs = ["of a", "of b"].map((name) => ({ ...output, name }));
    const of = (chosen: string) =>
      modelSignature("m.onnx", { ...header, metadata: new Map(), inputs, nodes, outputs }, { output: chosen }).features;
    expect(of("of a")).toEqual(["a"]);
    expect(of("of b")).toEqual(["b"]);
  });

  it("must not be every input", () => {
    const nodes = [{ operator: "Constant", domain: "", inputs: [], outputs: ["y"] }];
    expect(() => modelSignature("m.onnx", { ...header, nodes })).toThrow(
      "Model m.onnx: the prediction depends on none of the inputs X: it is the same for every row. " +
        "Export the model with its features as inputs, or choose another output with OUTPUT.",
    );
  });
});
