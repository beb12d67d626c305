import type { ColumnStatistics } from "./column-statistics.js";
import type { RegressionError } from "./regression-error.js";

/** One feature of a fitted model. Statistics are over the rows the model was fitted on, in the feature's unit. */
export interface FeatureReport extends ColumnStatistics {
  readonly name: string;
  /** Absent if none was given. */
  readonly unit?: string;
  /** Of a linear regression: target's unit per feature's unit. */
  readonly coefficient?: number;
  /** Of trees: its share of what the splits gained, 0 to 1. */
  readonly importance?: number;
}

/** What a training did and how wrong its model is. */
export interface TrainingReport {
  /** Path of the dataset as the user gave it. */
  readonly dataset: string;
  /** SHA-256 of the dataset's bytes, 64 hex digits. */
  readonly datasetSha256: string;
  /** Rows of the dataset. */
  readonly rows: number;
  /** Rows the model was fitted on. */
  readonly fittedRows: number;
  readonly target: string;
  /** Absent if none was given. */
  readonly targetUnit?: string;
  readonly features: readonly FeatureReport[];
  readonly kind: "linear" | "forest" | "boosting";
  /** Of a linear regression: in the target's unit. */
  readonly intercept?: number;
  /** Of a linear regression. */
  readonly alpha?: number;
  /** Of a forest or a boosting. */
  readonly trees?: number;
  readonly holdOut: number;
  readonly seed: number;
  readonly fitOn: "all" | "rest";
  /** Error of the model on the rows it was fitted on: it flatters the model. */
  readonly inSample: RegressionError;
  /**
   * Error on rows that the fit had not seen; absent when none were held out. With `fitOn` "all" it belongs to a
   * second fit on the other rows, with "rest" to the model itself.
   */
  readonly heldOut?: RegressionError;
  /** Largest difference between the model in float64 and its float32 export over all rows, in the target's unit. */
  readonly float32Difference: number;
  /** One sentence each; empty when nothing was found. */
  readonly warnings: readonly string[];
}
