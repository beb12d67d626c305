import { INTEGER_RANGE, kindOf, type Datatype } from "@streamgauge/core";

/** A category is a word, not a document. */
const MAX_TEXT = 1_024;

interface FloatRange {
  /** The greatest finite number, as text. */
  readonly greatest: string;
  /** Numbers from this one on round to infinity. */
  readonly limit: number;
}

const DOUBLE: FloatRange = { greatest: "1.7976931348623157e+308", limit: Infinity };
const FLOAT_RANGE: ReadonlyMap<Datatype, FloatRange> = new Map([
  ["FP32", { greatest: "3.4028234663852886e+38", limit: (2 - 2 ** -24) * 2 ** 127 }],
  ["FP16", { greatest: "65504", limit: 65_520 }],
]);

/** The text of an element of BYTES; undefined if it is none, or too long. */
export function textIn(element: unknown): string | undefined {
  return typeof element === "string" && element.length <= MAX_TEXT ? element : undefined;
}

/** Reads elements of a datatype of numbers, 0 or 1 for BOOL; undefined for those that it cannot hold. */
export function numberReader(datatype: Datatype): (element: unknown) => number | undefined {
  const kind = kindOf(datatype);
  if (kind === "bool") return truthOf;
  if (kind === "number") {
    const { limit } = rangeOf(datatype);
    return (element) => (typeof element === "number" && Math.abs(element) < limit ? element : undefined);
  }
  const [least, greatest] = kind === "text" ? [Infinity, -Infinity] : INTEGER_RANGE[kind];
  return (element) =>
    typeof element === "number" && Number.isInteger(element) && element >= least && element <= greatest ? element : undefined;
}

/** The values that a datatype allows, as the end of a sentence. */
export function elementsOfDatatype(datatype: Datatype): string {
  const kind = kindOf(datatype);
  if (kind === "text") return `texts of at most ${MAX_TEXT} characters`;
  if (kind === "bool") return "true or false";
  if (kind === "number") return `finite numbers of at most ${rangeOf(datatype).greatest}`;
  const range = `whole numbers from ${INTEGER_RANGE[kind].join(" to ")}`;
  return kind === "int64" || kind === "uint64" ? `${range} (others are not kept exactly)` : range;
}

function truthOf(element: unknown): number | undefined {
  if (element === true || element === 1) return 1;
  return element === false || element === 0 ? 0 : undefined;
}

function rangeOf(datatype: Datatype): FloatRange {
  return FLOAT_RANGE.get(datatype) ?? DOUBLE;
}
