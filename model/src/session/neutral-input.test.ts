import { describe, expect, it } from "vitest";
import { neutralInput } from "./neutral-input.js";
import type { DeclaredValue } from "../onnx/declared-value.js";

const value = (type: string | undefined, shape: DeclaredValue["shape"]): DeclaredValue => ({ name: "label", type, shape });

describe("an input that nothing depends on", () => {
  it.each<[string, DeclaredValue["shape"], readonly number[], readonly unknown[]]>([
    ["float32", ["N", 2], [3, 2], [0, 0, 0, 0, 0, 0]],
    ["float32", ["", "width"], [3, 1], [0, 0, 0]],
    ["float64", [1, 1], [1, 1], [0]],
    ["int64", ["N"], [3], [0n, 0n, 0n]],
    ["bool", [], [], [0]],
    ["string", ["N", 1], [3, 1], ["", "", ""]],
    ["float32", undefined, [3], [0, 0, 0]],
  ])("of %s %j is given %j in a call of 3 rows", (type, shape, dims, cells) => {
    const tensor = neutralInput("m.onnx", value(type, shape))(3);
    expect({ type: tensor.type, dims: tensor.dims, cells: [...tensor.data] }).toEqual({ type, dims, cells });
  });

  it.each([
    [
      value("bfloat16", ["N"]),
      "the input label (bfloat16 [N]) cannot be fed, and the model asks for it although the prediction does not depend on it. " +
        "Export the model in float32, or without this input.",
    ],
    [
      value(undefined, undefined),
      "the input label (a sequence or map) cannot be fed, and the model asks for it although the prediction does not depend on it. " +
        "Export the model without it.",
    ],
  ])("must be of a type that can be fed: %j", (of, message) => {
    expect(() => neutralInput("m.onnx", of)).toThrow(`Model m.onnx: ${message}`);
  });
});
