import { expect, it } from "vitest";
import { writeOnnx } from "./onnx-writer.js";

it("writes the bytes that Python's onnx package writes for the same model", () => {
  const bytes = writeOnnx({
    irVersion: 8,
    opset: 13,
    producer: "p",
    graph: "g",
    inputs: [{ name: "x", type: "float32", shape: ["N", 300] }],
    outputs: [{ name: "y", type: "float64", shape: [] }],
    constants: [{ name: "c", shape: [1], values: [1] }],
    nodes: [{ operator: "Op", inputs: ["x"], outputs: ["y"] }],
    metadata: { k: "é" },
  });
  // onnx 1.23.1: helper.make_node, make_graph, make_model and set_model_props, then SerializeToString().
  expect(Buffer.from(bytes).toString("hex")).toBe(
    "08081201703a450a0d0a01781201791a017922024f701201672a0d080110014201634a040000803f5a150a017812100a0e0801120a0a0312014e" +
      "0a0308ac02620b0a017912060a04080b120042040a00100d72070a016b1202c3a9",
  );
});
