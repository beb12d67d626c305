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

/** The feature value of a tensor element, 0 or 1 for BOOL; undefined if the datatype cannot hold it. */
export function cellOfElement(element: unknown, datatype: Datatype): number | string | undefined {
  const kind = kindOf(datatype);
  if (kind === "text") return typeof element === "string" && element.length <= MAX_TEXT ? element : undefined;
  if (kind === "bool") return truthOf(element);
  if (typeof element !== "number") return undefined;
  if (kind === "number") return Math.abs(element) < rangeOf(datatype).limit ? element : undefined;
  const [least, greatest] = INTEGER_RANGE[kind];
  return Number.isInteger(element) && element >= least && element <= greatest ? element : undefined;
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
