import { renameSync, writeFileSync } from "node:fs";
import { exportLinear } from "@streamgauge/training";

const FEATURES = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];

/** A model of the diabetes study's columns that answers 1,000 times its number plus `bmi`, and is called `v<number>`. */
export function numberedModel(number: number, features: readonly string[] = FEATURES): Uint8Array {
  return exportLinear({
    features,
    fit: {
      statistics: features.map(() => ({ mean: 0, std: 1, min: 0, max: 1 })),
      coefficients: Float64Array.from(features, (name) => (name === "bmi" ? 1 : 0)),
      intercept: number * 1_000,
      rank: 1,
    },
    metadata: { "streamgauge.name": `v${number}` },
  });
}

/** Puts it in the place of what is there, at once. */
export function placeModel(path: string, bytes: Uint8Array): void {
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

/** Which numbered model gave this answer. */
export function numberOf(yPred: number): number {
  return Math.floor(yPred / 1_000);
}
