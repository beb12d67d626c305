import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { writeOnnx, type OnnxFile } from "../onnx/onnx-writer.js";
import { defaultModelPath } from "./default-model-path.js";
import { sumModel } from "./fixtures/sum-model.js";
import { inspectModel } from "./inspect-model.js";
import type { OpenModelOptions } from "./onnx-model.js";

function inspect(file: OnnxFile, options: OpenModelOptions = {}, sidecar?: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "sum.onnx"), writeOnnx(file));
  if (sidecar !== undefined) writeFileSync(join(folder, "model.json"), sidecar);
  return inspectModel(join(folder, "sum.onnx"), options);
}

test("says what the default model is, how it is served, and how long its calls take", async () => {
  const inspection = await inspectModel(defaultModelPath);
  expect(inspection).toMatchObject({
    producer: "streamgauge",
    irVersion: 8,
    opsets: { "ai.onnx": 13 },
    inputs: [{ name: "features", type: "float32", shape: ["N", 10] }],
    outputs: [{ name: "y_pred", type: "float32", shape: ["N", 1] }],
    operators: [
      ["Sub", 1],
      ["Div", 1],
      ["Gemm", 1],
    ],
    besides: [],
    served: { name: "diabetes", target: "target", targetUnit: "disease progression score", notes: [] },
  });
  expect(inspection.served?.features[2]).toEqual({ name: "bmi", kind: "number" });
  // The answer to the means of a linear fit is the mean of its target.
  expect(inspection.served?.sample.yPred).toBeCloseTo(152.13348416, 3);
  expect(inspection.served?.latency.map(({ rows }) => rows)).toEqual([1, 16, 256, 4096]);
  for (const { milliseconds } of inspection.served?.latency ?? []) expect(milliseconds).toBeGreaterThan(0);
});

test("tries a model whose columns have no names as with a dataset that has as many", async () => {
  const { served } = await inspect({ ...sumModel, metadata: {} });
  expect(served?.features.map(({ name }) => name)).toEqual(["column 1", "column 2"]);
  expect(served?.notes).toEqual(["nothing names its columns: it takes the dataset's in their order, if that has 2 beside target and id"]);
  expect(served?.sample).toEqual({ row: [1, 1], yPred: 2 });
});

test("counts what stands beside the file", async () => {
  const { besides, served } = await inspect({ ...sumModel, metadata: {} }, {}, '{"features": ["p", "q"]}');
  expect(besides).toEqual([expect.stringMatching(/model\.json$/)]);
  expect(served).toMatchObject({ features: [{ name: "p" }, { name: "q" }], notes: [] });
});

test("says why a model would be refused, and what it is nevertheless", async () => {
  const outputs = [{ name: "y", type: "int64", shape: ["N", 1] }] as const;
  const inspection = await inspect({ ...sumModel, outputs });
  expect(inspection).toMatchObject({ outputs, refusal: expect.stringContaining("no output of the model is of floating point") });
  expect(inspection.served).toBeUndefined();
});

test("has nothing to say of what is no model", async () => {
  await expect(inspectModel("/nowhere/model.onnx")).rejects.toMatchObject({ reason: "missing" });
});
