/** In which precision numbers reach a model: IEEE 754 binary16, binary32 or binary64. */
export type Precision = "float16" | "float32" | "float64";

interface Range {
  readonly largest: number;
  /** From here on a number is rounded to infinity: half a step beyond the largest. */
  readonly overflow: number;
}

const RANGES: Readonly<Record<Precision, Range>> = {
  // Half a step is 65,520; a little below that a number is first rounded up to it, as a float32.
  float16: { largest: 65_504, overflow: 65_520 - 2 ** -9 },
  float32: { largest: 2 ** 128 - 2 ** 104, overflow: 2 ** 128 - 2 ** 103 },
  float64: { largest: Number.MAX_VALUE, overflow: Infinity },
};

/** The precision of an element type of ONNX, or of a datatype of the Open Inference Protocol; float64 for those that are not rounded. */
export function precisionOf(type: string): Precision {
  if (type === "float32" || type === "FP32") return "float32";
  return type === "float16" || type === "FP16" ? "float16" : "float64";
}

/** The first position from `from` on of a number that rounding would make infinite; -1 if there is none. */
export function overflowFrom(values: Float64Array, precision: Precision, from = 0): number {
  const { overflow } = RANGES[precision];
  if (overflow === Infinity) return -1;
  for (let i = from; i < values.length; i += 1) {
    const value = values[i]!;
    if (value >= overflow || value <= -overflow) return i;
  }
  return -1;
}

/** Why a number cannot reach the model. */
export function overflowReason(value: number, precision: Precision): string {
  const { largest } = RANGES[precision];
  return `the model takes numbers from -${largest} to ${largest} here (${precision}), got ${value}`;
}
