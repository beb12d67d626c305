import Type, { type Static } from "typebox";
import { MISSING, OTHER, pairGroups, UNSEEN, Y_PRED, type FeatureBins, type MonitoredReference } from "../drift/index.js";
import type { Segment } from "./segments.js";

/** Digits that texts have of a bound without another one, and at the most. */
const [DIGITS, MOST_DIGITS] = [6, 12];

/** The values of one feature that rows of a segment have. */
export const PlaceSchema = Type.Object({
  feature: Type.String({ description: "Its name; y_pred for the prediction." }),
  kind: Type.Union([Type.Literal("range"), Type.Literal("texts"), Type.Literal("other"), Type.Literal("unseen"), Type.Literal("missing")], {
    description: "other: texts that the reference has too seldom for a bin of their own; unseen: texts that it does not have.",
  }),
  from: Type.Union([Type.Number(), Type.Null()], { description: "Of a range: values are above; null if it has no lower bound." }),
  to: Type.Union([Type.Number(), Type.Null()], { description: "Of a range: values are at most this; null if it has no upper bound." }),
  texts: Type.Array(Type.String(), { description: "Of texts: which." }),
});

export type Place = Static<typeof PlaceSchema>;

type Column = MonitoredReference["columns"][number];

/** Where a segment is, in the values of its features. */
export function placesOf({ columns }: MonitoredReference, { where }: Pick<Segment, "where">): Place[] {
  const isPair = where.length > 1;
  return where.flatMap(({ column, bin }) => {
    const of = columns[column];
    if (of === undefined) return [];
    return [placeOfBins(of, isPair ? codesOfGroup(of, bin) : [bin])];
  });
}

/** The values of one bin. */
export function placeOfBin(column: Column, bin: number): Place {
  return placeOfBins(column, [bin]);
}

/** The codes of a group of bins, ascending: empty if the feature has none of them. */
export function codesOfGroup({ reference: { bins, counts } }: Column, group: number): number[] {
  const groups = pairGroups({ of: bins.kind, bins: counts.length });
  return Array.from(groups.keys()).filter((code) => groups[code] === group);
}

/** @param codes - ascending, side by side. */
function placeOfBins({ name, reference: { bins } }: Column, codes: readonly number[]): Place {
  const [first = MISSING] = codes;
  const place = { feature: name, from: null, to: null, texts: [] };
  if (first === MISSING) return { ...place, kind: "missing" };
  return bins.kind === "number"
    ? { ...place, kind: "range", ...range(bins.edges, first, codes.at(-1) ?? first) }
    : { ...place, ...texts(bins, codes) };
}

/** The bin before the first edge is 1; each edge ends one. */
function range(edges: readonly number[], first: number, last: number): Pick<Place, "from" | "to"> {
  return { from: edges[first - 2] ?? null, to: edges[last - 1] ?? null };
}

function texts(bins: Extract<FeatureBins, { kind: "text" }>, codes: readonly number[]): Pick<Place, "kind" | "texts"> {
  if (codes.includes(OTHER)) return { kind: "other", texts: [] };
  if (codes.includes(UNSEEN)) return { kind: "unseen", texts: [] };
  return { kind: "texts", texts: codes.map((code) => bins.texts[code - UNSEEN - 1] ?? "") };
}

/** A place as one says it: `bmi 24.5 to 26.3`, `city Rome, Oslo or 3 others`. */
export function placeText({ feature, kind, from, to, texts: named }: Place): string {
  const name = feature === Y_PRED ? "prediction" : feature;
  if (kind === "missing") return `${name} missing`;
  if (kind === "unseen") return `${name} unseen before`;
  if (kind === "other") return `${name} one of the rare texts`;
  if (kind === "texts") return `${name} ${listed(named)}`;
  if (from === null) return `${name} up to ${rounded(to)}`;
  if (to === null) return `${name} above ${rounded(from)}`;
  return `${name} ${rounded(from, to - from)} to ${rounded(to, to - from)}`;
}

/** Several places, which rows of a segment share. */
export function placesText(places: readonly Place[]): string {
  return places.map(placeText).join(", ");
}

function listed(named: readonly string[]): string {
  const shown = named.slice(0, named.length > 3 ? 2 : 3).map((text) => JSON.stringify(text));
  const others = named.length - shown.length;
  if (others > 0) return `${shown.join(", ")} or ${others} others`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}

/** A bound; of a range to a hundredth of its width: the outermost bounds lie a little beyond the values of the reference. */
function rounded(bound: number | null, width = 0): string {
  const value = bound ?? 0;
  const step = width > 0 && Number.isFinite(width) ? 10 ** (Math.floor(Math.log10(width)) - 2) : 0;
  const near = step > 0 ? Math.round(value / step) * step : value;
  return String(Number(near.toPrecision(step > 0 ? MOST_DIGITS : DIGITS)) || 0);
}
