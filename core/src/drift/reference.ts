import { createHash } from "node:crypto";
import Type from "typebox";
import { Compile } from "typebox/compile";
import {
  binCount,
  meanOf,
  numberBins,
  NumberBinsSchema,
  numberCodes,
  textBins,
  TextBinsSchema,
  TextCodes,
  type FeatureBins,
} from "./feature-bins.js";

/** The most features that are monitored: the first ones. */
export const MONITORED_FEATURES = 64;

export const FeatureReferenceSchema = Type.Object({
  bins: Type.Union([NumberBinsSchema, TextBinsSchema]),
  /** Rows in each bin, shape [bins]. */
  counts: Type.Array(Type.Integer({ minimum: 0 })),
  /** How much of the variance of the predictions is between its bins, 0 to 1; left out of y_pred, and by earlier versions. */
  importance: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
});

/** The values of one feature, or the predictions, in the rows that a model is compared by. */
export type FeatureReference = Type.Static<typeof FeatureReferenceSchema>;

/** Where a reference is from if the model has none. */
export const ReferenceOriginSchema = Type.Literal("first_rows", {
  description: "It is of the first rows that this model version scored; left out if it came with the model.",
});

export const ReferenceSchema = Type.Object({
  rows: Type.Integer({ minimum: 1 }),
  features: Type.Record(Type.String(), FeatureReferenceSchema),
  y_pred: Type.Optional(FeatureReferenceSchema),
  from: Type.Optional(ReferenceOriginSchema),
});

/** What the features and the predictions of a model looked like where it was made. */
export type Reference = Type.Static<typeof ReferenceSchema>;

const isReference = Compile(ReferenceSchema);

/** Whether a value, read from JSON, is a reference of at least one feature, or of the predictions, whose counts belong to its bins. */
export function isReferenceJson(value: unknown): value is Reference {
  if (!isReference.Check(value)) return false;
  const all = [...Object.values(value.features), ...(value.y_pred === undefined ? [] : [value.y_pred])];
  return all.length > 0 && all.every(isFeatureReference);
}

/** Whether counts belong to their bins. */
export function isFeatureReference({ bins, counts }: FeatureReference): boolean {
  return counts.length === binCount(bins) && (bins.kind === "text" || areInOrder(bins));
}

function areInOrder({ edges, centers }: { readonly edges: readonly number[]; readonly centers: readonly number[] }): boolean {
  return edges.length === centers.length + 1 && edges.slice(1).every((edge, i) => edge > (edges[i] ?? Infinity));
}

/** The first 12 hex digits of the SHA-256 of its JSON. */
export function referenceHash(reference: Reference): string {
  return createHash("sha256").update(JSON.stringify(reference)).digest("hex").slice(0, 12);
}

/** Values of a feature, shape [rows]: numbers (NaN is missing) or texts (an empty one is missing). */
export type Values = Float64Array | readonly string[];

/** @param columns - by feature, shape [rows] each; beyond 64 features the others are left out. A feature without a value has no reference. */
export function referenceOf(rows: number, columns: ReadonlyMap<string, Values>, predictions?: Float64Array): Reference {
  const features = [...columns].slice(0, MONITORED_FEATURES).flatMap(([name, values]) => {
    const reference = featureReference(values);
    if (reference === undefined) return [];
    const importance = predictions === undefined ? undefined : importanceOf(reference.bins, values, predictions);
    return [[name, importance === undefined ? reference : { ...reference, importance }] as const];
  });
  const yPred = predictions === undefined ? undefined : featureReference(predictions);
  return { rows, features: Object.fromEntries(features), ...(yPred === undefined ? {} : { y_pred: yPred }) };
}

function featureReference(values: Values): FeatureReference | undefined {
  const bins = values instanceof Float64Array ? numberBins(values) : textBins(values);
  return bins === undefined ? undefined : { bins, counts: Array.from(countsOf(bins, values)) };
}

/**
 * The share of the variance of the predictions that lies between the bins of a feature (the correlation ratio η²; Pearson 1905): how much the predictions
 * follow it, in a straight line or not.
 *
 * @returns 0 to 1; undefined if the predictions do not vary.
 */
function importanceOf(bins: FeatureBins, values: Values, predictions: Float64Array): number | undefined {
  const codes = codesOf(bins, values);
  const mean = meanOf(predictions);
  const [counts, sums] = [new Float64Array(binCount(bins)), new Float64Array(binCount(bins))];
  let total = 0;
  for (const [row, prediction] of predictions.entries()) {
    const code = codes[row] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
    sums[code] = (sums[code] ?? 0) + (prediction - mean);
    total += (prediction - mean) ** 2;
  }
  const between = sums.reduce((sum, one, code) => sum + ((counts[code] ?? 0) === 0 ? 0 : one ** 2 / (counts[code] ?? 1)), 0);
  return total > 0 && Number.isFinite(between / total) ? Math.min(1, between / total) : undefined;
}

/** Rows in each bin. Numbers of a feature with texts count as texts, and texts of one with numbers as missing. @returns shape [bins]. */
export function countsOf(bins: FeatureBins, values: Values): Float64Array {
  const counts = new Float64Array(binCount(bins));
  for (const code of codesOf(bins, values)) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

function codesOf(bins: FeatureBins, values: Values): Uint8Array {
  if (bins.kind === "number")
    return numberCodes(bins, values instanceof Float64Array ? values : new Float64Array(values.length).fill(Number.NaN));
  const codes = new TextCodes(bins);
  return Uint8Array.from({ length: values.length }, (_, row) => codes.of(String(values[row])));
}
