import { readFile } from "node:fs/promises";
import { builtFile } from "@streamgauge/testing";
import { expect, it } from "vitest";
import { defaultModelPath } from "@streamgauge/model";
import { defaultModelTraining } from "./default-model.js";
import { train } from "./train.js";

it("is what training on the default dataset gives, byte for byte", async () => {
  const dataset = builtFile("features/assets/diabetes.csv");
  const { onnx } = await train({ dataset, ...defaultModelTraining });
  expect(Buffer.from(onnx).equals(await readFile(defaultModelPath))).toBe(true);
});
