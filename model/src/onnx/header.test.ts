import { describe, expect, it } from "vitest";
import { readOnnxHeader } from "./header.js";

const read = (base64: string) => readOnnxHeader(Buffer.from(base64, "base64"));

/** The files were made with Python's onnx 1.23.1: helper.make_graph, make_model, set_model_props. */
describe("readOnnxHeader", () => {
  it("reads metadata, inputs without constants, and outputs of open rank", () => {
    const header = read(
      "CAMSC29ubnguaGVscGVyOmEKEQoBWAoBdxIBeSIGTWF0TXVsEgFnKhMIAggBEAEiCAAAgD8AAABAQgF3WhQKAVgSDwoNCAESCQoDEgFOCgIIAloTCgF3Eg4KDAgB" +
        "EggKAggCCgIIAWIJCgF5EgQKAggLQgQKABANciIKFHN0cmVhbWdhdWdlLmZlYXR1cmVzEgpbImEiLCAiYiJdcg0KB2dyw7bDn2USAsOp",
    );
    expect(header).toEqual({
      irVersion: 3,
      producer: "onnx.helper",
      opsets: new Map([["ai.onnx", 13]]),
      metadata: new Map([
        ["streamgauge.features", '["a", "b"]'],
        ["größe", "é"],
      ]),
      inputs: [{ name: "X", type: "float32", shape: ["N", 2] }],
      outputs: [{ name: "y", type: "float64", shape: undefined }],
      nodes: [{ operator: "MatMul", domain: "", inputs: ["X", "w"], outputs: ["y"] }],
      functions: new Map(),
      externalFiles: [],
    });
  });

  it("sees that an output is a sequence, and that a size has no name", () => {
    const header = read("CA46QAoZCgFYEgF5IhFTZXF1ZW5jZUNvbnN0cnVjdBIBZ1oRCgFYEgwKCggBEgYKAAoCCAJiDQoBeRIIIgYKBAoCCAFCAhAc");
    expect(header.inputs).toEqual([{ name: "X", type: "float32", shape: ["", 2] }]);
    expect(header.outputs).toEqual([{ name: "y", type: undefined, shape: undefined }]);
  });

  it("sees that constants stand in a second file", () => {
    const header = read(
      "CA46fAoRCgFYCgF3EgF5IgZNYXRNdWwSAWcqOAgCCAEQAUIBd2oRCghsb2NhdGlvbhIFdy5iaW5qCwoGb2Zmc2V0EgEwagsKBmxlbmd0aBIBOHABWhQKAVgSDwoN" +
        "CAESCQoDEgFOCgIIAmIUCgF5Eg8KDQgBEgkKAxIBTgoCCAFCBAoAEA0=",
    );
    expect(header.externalFiles).toEqual(["w.bin"]);
  });

  it.each([
    ["a pickle", "800495"],
    ["text", Buffer.from("<!DOCTYPE html>").toString("hex")],
    ["nothing", ""],
    ["a message without a graph", "0808"],
  ])("refuses %s", (_, hex) => {
    expect(() => readOnnxHeader(Buffer.from(hex, "hex"))).toThrow(Error);
  });
});
