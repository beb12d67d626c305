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
