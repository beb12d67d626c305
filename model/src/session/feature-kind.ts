import type { FeatureKind } from "@streamgauge/core";
import type { Precision } from "./precision.js";

export { INTEGER_RANGE, type FeatureKind } from "@streamgauge/core";

/** The values of one feature, shape [rows]: numbers (NaN if one is missing), or texts (empty if one is missing). */
export type FeatureValues = Float64Array | readonly string[];

/** The part of a feature's values from one row to another, which is not in it. */
export function valuesBetween(values: FeatureValues, from: number, to: number): FeatureValues {
  return values instanceof Float64Array ? values.subarray(from, to) : values.slice(from, to);
}

/** The values of one feature as numbers, for what takes no others. */
export function asNumbers(values: FeatureValues): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values, Number);
}

/** What a model wants of the rows that it scores. */
export interface FeatureRules {
  /** Names, in the model's order, [features]. */
  readonly features: readonly string[];
  /** [features], in the same order. */
  readonly kinds: readonly FeatureKind[];
  /** [features], in the same order: how numbers reach the model. Default: float64, which rounds none. */
  readonly precisions?: readonly Precision[];
  /** Whether a missing number may reach the model, as NaN, and a missing text, as an empty one. */
  readonly allowsMissing: boolean;
}
