import { metadataKey } from "@streamgauge/model/onnx";
import type { RidgeFit } from "./fit-ridge.js";
import { writeOnnx } from "@streamgauge/model/onnx";

/** A fitted linear regression with what its file should say about it. */
export interface LinearModel {
  /** Feature names in the order of the fit's columns, [features], at least one. */
  readonly features: readonly string[];
  readonly fit: RidgeFit;
  /** `metadata_props` beside the feature names; the keys are in metadata-keys.ts. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** IR 8 and opset 13: read by ONNX Runtime 1.14 and later, and by every library that is not older than 2021. */
const IR_VERSION = 8;
const OPSET = 13;

/**
 * Writes a linear regression as ONNX, standardisation inside: `y_pred = Gemm((features - mean) / scale, weights)`.
 *
 * Input `features`, float32 [N, features], in raw units and the order of `model.features`; output `y_pred`,
 * float32 [N, 1], in the target's unit. Standardising first keeps float32 accurate: raw products of large
 * features and small coefficients would cancel.
 *
 * @returns the bytes of the file; the same model gives the same bytes.
 */
export function exportLinear(model: LinearModel): Uint8Array {
  const { means, scales, weights, intercept } = float32Parameters(model.fit);
  const width = model.features.length;
  return writeOnnx({
    irVersion: IR_VERSION,
    opset: OPSET,
    producer: "streamgauge",
    graph: "linear_regression",
    inputs: [{ name: "features", type: "float32", shape: ["N", width] }],
    outputs: [{ name: "y_pred", type: "float32", shape: ["N", 1] }],
    constants: [
      { name: "mean", shape: [width], values: means },
      { name: "scale", shape: [width], values: scales },
      { name: "weights", shape: [width, 1], values: weights },
      { name: "intercept", shape: [1], values: [intercept] },
    ],
    nodes: [
      { operator: "Sub", inputs: ["features", "mean"], outputs: ["centred"] },
      { operator: "Div", inputs: ["centred", "scale"], outputs: ["z"] },
      {
        operator: "Gemm",
        inputs: ["z", "weights", "intercept"],
        outputs: ["y_pred"],
      },
    ],
    metadata: {
      [metadataKey.features]: JSON.stringify(model.features),
      ...model.metadata,
    },
  });
}

/**
 * What the exported graph answers, step by step in float32 as ONNX computes it; the order of the sum may differ.
 *
 * @param x - one array for each feature, each [rows].
 * @returns [rows], in the target's unit.
 */
export function predictFloat32(fit: RidgeFit, x: readonly Float64Array[], rows: number): Float64Array {
  const { means, scales, weights, intercept } = float32Parameters(fit);
  const y = new Float64Array(rows).fill(intercept);
  for (const [feature, column] of x.entries()) {
    for (let row = 0; row < rows; row += 1) {
      const centred = Math.fround(Math.fround(column[row]!) - means[feature]!);
      const z = Math.fround(centred / scales[feature]!);
      y[row] = Math.fround(y[row]! + Math.fround(z * weights[feature]!));
    }
  }
  return y;
}

/**
 * Rounds mean and scale to float32 first and then adapts weights and intercept in float64 to the rounded ones, so
 * that their rounding shifts no prediction. A constant column has the scale 1: it has the weight 0 anyway.
 */
function float32Parameters(fit: RidgeFit): {
  readonly means: Float32Array;
  readonly scales: Float32Array;
  readonly weights: Float32Array;
  readonly intercept: number;
} {
  const means = Float32Array.from(fit.statistics, (of) => of.mean);
  const scales = Float32Array.from(fit.statistics, (of) => of.std || 1);
  const weights = Float32Array.from(fit.coefficients, (coefficient, feature) => coefficient * scales[feature]!);
  let intercept = fit.intercept;
  for (const [feature, coefficient] of fit.coefficients.entries()) {
    intercept += coefficient * means[feature]!;
  }
  return { means, scales, weights, intercept: Math.fround(intercept) };
}
