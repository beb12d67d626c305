import { expect, it } from "vitest";
import { readOnnxHeader } from "@streamgauge/model/onnx";
import { exportLinear, predictFloat32 } from "./export-linear.js";
import { fitRidge, predictRidge } from "./fit-ridge.js";

// A time in seconds beside a small number: in float32 the raw product would lose the second one.
const x = [Float64Array.of(1000, 2000, 3000, 4500), Float64Array.of(0.5, 0.25, 0.125, 0.75)];
const fit = fitRidge(x, Float64Array.of(3, 5, 8, 9), 0);
const model = { features: ["time", "share"], fit, metadata: { "streamgauge.target": "y" } };

it("declares one float32 matrix in, one float32 column out, and the feature names", () => {
  expect(readOnnxHeader(exportLinear(model))).toMatchObject({
    inputs: [{ name: "features", type: "float32", shape: ["N", 2] }],
    outputs: [{ name: "y_pred", type: "float32", shape: ["N", 1] }],
    metadata: new Map([
      ["streamgauge.features", '["time","share"]'],
      ["streamgauge.target", "y"],
    ]),
    externalFiles: [],
  });
});

it("gives the same bytes for the same model", () => {
  expect(exportLinear(model)).toEqual(exportLinear(model));
});

it("computes in float32 what the fit says, to float32's seven digits", () => {
  const exact = predictRidge(fit, x, 4);
  const rounded = predictFloat32(fit, x, 4);
  for (const [row, y] of exact.entries()) expect(Math.abs((rounded[row] ?? NaN) - y)).toBeLessThan(2e-6);
});
