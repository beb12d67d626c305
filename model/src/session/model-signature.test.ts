import { describe, expect, it } from "vitest";
import { modelSignature } from "./model-signature.js";
import type { DeclaredValue, OnnxHeader } from "./onnx-header.js";

const input: DeclaredValue = { name: "X", type: "float32", shape: ["N", 2] };
const output: DeclaredValue = { name: "y", type: "float32", shape: ["N", 1] };
const header: OnnxHeader = {
  metadata: new Map([["streamgauge.features", '["a","b"]']]),
  inputs: [input],
  outputs: [output],
  externalData: false,
};

describe("modelSignature", () => {
  it("names the model after its file, and leaves out what the file does not say", () => {
    expect(modelSignature("/models/risk.v2.onnx", header)).toEqual({
      name: "risk.v2",
      features: ["a", "b"],
      input: "X",
      output: "y",
      warmUpRow: [1, 1],
    });
  });

  it("takes name, target, unit and warm-up row from the metadata", () => {
    const metadata = new Map([
      ...header.metadata,
      ["streamgauge.name", "risk"],
      ["streamgauge.target", "loss"],
      ["streamgauge.target_unit", "€"],
      ["streamgauge.feature_statistics", '{"a":{"mean":3},"b":{"mean":4}}'],
    ]);
    expect(modelSignature("m.onnx", { ...header, metadata })).toMatchObject({
      name: "risk",
      target: "loss",
      targetUnit: "€",
      warmUpRow: [3, 4],
    });
  });

  it.each<[string, Partial<DeclaredValue>]>([
    ["[N]", { shape: ["N"] }],
    ["[N, ?]", { shape: ["N", ""] }],
    ["open rank", { shape: undefined }],
    ["float64", { type: "float64" }],
  ])("accepts an output of %s", (_, change) => {
    expect(modelSignature("m.onnx", { ...header, outputs: [{ ...output, ...change }] }).output).toBe("y");
  });

  it.each<[string, DeclaredValue[]]>([
    ["the model has 0 inputs (), and one is supported", []],
    ["the model has 2 inputs (X, Z), and one is supported", [input, { ...input, name: "Z" }]],
    ["the input X is int64, and float32 is supported", [{ ...input, type: "int64" }]],
    ["the input X is no tensor, and float32 is supported", [{ ...input, type: undefined }]],
    ["the input X has the shape [N, ?, 3], and [N, features] is supported", [{ ...input, shape: ["N", "", 3] }]],
    ["the input X takes exactly 1 rows a call", [{ ...input, shape: [1, 2] }]],
  ])("refuses inputs: %s", (problem, inputs) => {
    const check = () => modelSignature("m.onnx", { ...header, inputs });
    expect(check).toThrow(expect.objectContaining({ name: "ModelError", reason: "unsupported-input", problem }));
  });

  it.each<[string, DeclaredValue[]]>([
    ["the model has 2 outputs (y, std), and one is supported", [output, { ...output, name: "std" }]],
    ["the output y is int64, and float32 or float64 is supported", [{ ...output, type: "int64" }]],
    ["the output y is no tensor, and float32 or float64 is supported", [{ ...output, type: undefined }]],
    ["the output y has the shape [N, 3], and [N] or [N, 1] is supported", [{ ...output, shape: ["N", 3] }]],
    ["the output y has the shape [], and [N] or [N, 1] is supported", [{ ...output, shape: [] }]],
  ])("refuses outputs: %s", (problem, outputs) => {
    const check = () => modelSignature("m.onnx", { ...header, outputs });
    expect(check).toThrow(expect.objectContaining({ name: "ModelError", reason: "unsupported-output", problem }));
  });

  it("refuses a model in two files", () => {
    expect(() => modelSignature("m.onnx", { ...header, externalData: true })).toThrow(
      expect.objectContaining({ name: "ModelError", reason: "external-data" }),
    );
  });
});
