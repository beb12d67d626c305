import Type from "typebox";

/** The most bins of a number, of equal mass in the reference. */
export const NUMBER_BINS = 20;
/** The most texts that have a bin of their own: the commonest. */
export const TEXT_BINS = 50;
/** The most other texts that are kept. A text that is neither is unseen. */
const KNOWN_TEXTS = 500;

/** Bins of a feature with numbers. */
export const NumberBinsSchema = Type.Object({
  kind: Type.Literal("number"),
  /** Where the first bin begins, and each ends: a bin has what is above one edge and up to the next. Shape [bins + 1]. */
  edges: Type.Array(Type.Number(), { minItems: 2, maxItems: NUMBER_BINS + 1 }),
  /** Mean of the reference's values in each bin, shape [bins]. */
  centers: Type.Array(Type.Number(), { minItems: 1, maxItems: NUMBER_BINS }),
  /** Population standard deviation of the reference's values. */
  sd: Type.Number({ minimum: 0 }),
});
export type NumberBins = Type.Static<typeof NumberBinsSchema>;

/** Bins of a feature with texts. */
export const TextBinsSchema = Type.Object({
  kind: Type.Literal("text"),
  /** Texts with bins of their own, the commonest first. */
  texts: Type.Array(Type.String(), { maxItems: TEXT_BINS }),
  /** The other texts of the reference; null if they are too many to be kept. Then no text counts as unseen. */
  others: Type.Union([Type.Array(Type.String(), { maxItems: KNOWN_TEXTS }), Type.Null()]),
});
export type TextBins = Type.Static<typeof TextBinsSchema>;

export type FeatureBins = NumberBins | TextBins;

/** The bin of missing values, of both kinds. */
export const MISSING = 0;
/** Bins of numbers outside of the reference's range. The bins of the reference lie between them. */
export const BELOW = 1;
/** Bins of texts that the reference has too seldom, or not at all. The texts with bins of their own follow. */
export const OTHER = 1;
export const UNSEEN = 2;

/** The number of bins, those of missing values and of values that the reference does not have included. */
export function binCount(bins: FeatureBins): number {
  return bins.kind === "number" ? bins.centers.length + 3 : bins.texts.length + 3;
}

/** The bin of numbers above the reference's range. */
export function aboveBin({ centers }: NumberBins): number {
  return centers.length + 2;
}

/** Finds the bins of numbers. NaN is missing. @returns shape [values]. */
export function numberCodes({ edges }: NumberBins, values: Float64Array): Uint8Array {
  return Uint8Array.from(values, (value) => (Number.isNaN(value) ? MISSING : BELOW + firstNotBelow(edges, value)));
}

/** The index of the first edge that is not below the value: 0 below the range, the number of edges above it. */
function firstNotBelow(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds the bins of texts. An empty one is missing. */
export class TextCodes {
  readonly #codes: ReadonlyMap<string, number>;
  readonly #unknown: number;

  constructor({ texts, others }: TextBins) {
    const own = texts.map((text, i) => [text, UNSEEN + 1 + i] as const);
    this.#codes = new Map([["", MISSING], ...(others ?? []).map((text) => [text, OTHER] as const), ...own]);
    this.#unknown = others === null ? OTHER : UNSEEN;
  }

  of(text: string): number {
    return this.#codes.get(text) ?? this.#unknown;
  }
}

/** How far the range reaches beyond the least and the greatest value, as a share of it. */
const SLACK = 1e-6;

/**
 * Bins of equal mass. Edges lie between values, so that a value which comes in another precision is still in its bin. One that many rows have is
 * never split, so there are fewer bins then.
 *
 * @param values - NaN is missing. @returns undefined if all are missing or infinite.
 */
export function numberBins(values: Float64Array): NumberBins | undefined {
  const sorted = values.filter(Number.isFinite).sort();
  const [least] = sorted;
  const greatest = sorted.at(-1);
  if (least === undefined || greatest === undefined) return undefined;
  const slack = SLACK * Math.min(Number.MAX_VALUE, greatest - least || Math.abs(greatest) || 1);
  const last = Array.from({ length: NUMBER_BINS }, (_, i) => sorted[Math.ceil(((i + 1) * sorted.length) / NUMBER_BINS) - 1] ?? greatest);
  const edges = [Math.max(-Number.MAX_VALUE, least - slack)];
  const centers: number[] = [];
  let from = 0;
  for (const value of new Set(last)) {
    let to = from;
    while (to < sorted.length && (sorted[to] ?? Infinity) <= value) to += 1;
    const next = sorted[to];
    edges.push(next === undefined ? Math.min(Number.MAX_VALUE, value + slack) : value / 2 + next / 2);
    centers.push(meanOf(sorted.subarray(from, to)));
    from = to;
  }
  const mean = meanOf(sorted);
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { kind: "number", edges, centers, sd: Math.sqrt(squares / sorted.length) };
}

/** Divided before they are added: the sum of large values may exceed a double. */
export function meanOf(values: Float64Array): number {
  const [first = Number.NaN] = values;
  return values.reduce((mean, value) => mean + (value - first) / values.length, first);
}

/** The commonest texts; of equally common ones the first by code point. */
export function textBins(values: readonly string[]): TextBins {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
  const ranked = [...counts].toSorted(([one, n], [other, m]) => m - n || (one < other ? -1 : 1)).map(([text]) => text);
  const others = ranked.slice(TEXT_BINS);
  return { kind: "text", texts: ranked.slice(0, TEXT_BINS), others: others.length > KNOWN_TEXTS ? null : others };
}
