import { createHash } from "node:crypto";
import Type from "typebox";
import { Compile } from "typebox/compile";
import {
  binCount,
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

const FeatureReferenceSchema = Type.Object({
  bins: Type.Union([NumberBinsSchema, TextBinsSchema]),
  /** Rows in each bin, shape [bins]. */
  counts: Type.Array(Type.Integer({ minimum: 0 })),
});

/** The values of one feature, or the predictions, in the rows that a model is compared by. */
export type FeatureReference = Type.Static<typeof FeatureReferenceSchema>;

const ReferenceSchema = Type.Object({
  rows: Type.Integer({ minimum: 1 }),
  features: Type.Record(Type.String(), FeatureReferenceSchema),
  y_pred: Type.Optional(FeatureReferenceSchema),
});

/** What the features and the predictions of a model looked like where it was made. */
export type Reference = Type.Static<typeof ReferenceSchema>;

const isReference = Compile(ReferenceSchema);

/** Whether a value, read from JSON, is a reference whose counts belong to its bins. */
export function isReferenceJson(value: unknown): value is Reference {
  if (!isReference.Check(value)) return false;
  const all = [...Object.values(value.features), ...(value.y_pred === undefined ? [] : [value.y_pred])];
  return all.every(({ bins, counts }) => counts.length === binCount(bins) && (bins.kind === "text" || areInOrder(bins)));
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
    return reference === undefined ? [] : [[name, reference] as const];
  });
  const yPred = predictions === undefined ? undefined : featureReference(predictions);
  return { rows, features: Object.fromEntries(features), ...(yPred === undefined ? {} : { y_pred: yPred }) };
}

function featureReference(values: Values): FeatureReference | undefined {
  const bins = values instanceof Float64Array ? numberBins(values) : textBins(values);
  return bins === undefined ? undefined : { bins, counts: Array.from(countsOf(bins, values)) };
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
