/** Whole numbers that an input takes, and the least and the greatest of each type. Beyond 2^53 a double is no whole number of its own. */
export const INTEGER_RANGE = {
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int8: [-128, 127],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  uint32: [0, 2 ** 32 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint8: [0, 255],
} as const satisfies Readonly<Record<string, readonly [least: number, greatest: number]>>;

export type IntegerKind = keyof typeof INTEGER_RANGE;

/** What values a feature has: any number, whole numbers of a range, 0 or 1, or text. */
export type FeatureKind = "number" | IntegerKind | "bool" | "text";

/** The values of one feature, shape [rows]: numbers (NaN where one is missing), or texts (empty where one is missing). */
export type FeatureValues = Float64Array | readonly string[];

/** Names of the features that are text. */
export function textFeatures({ features, kinds }: Pick<FeatureRules, "features" | "kinds">): readonly string[] {
  return features.filter((_, at) => kinds[at] === "text");
}

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
  /** Whether a missing number may reach the model, as NaN, and a missing text, as an empty one. */
  readonly allowsMissing: boolean;
}
