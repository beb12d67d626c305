import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { CodeLayout, type CodeColumn } from "./code-layout.js";
import { binCount } from "./feature-bins.js";
import {
  FeatureReferenceSchema,
  isFeatureReference,
  MONITORED_FEATURES,
  referenceHash,
  ReferenceOriginSchema,
  type FeatureReference,
  type Reference,
} from "./reference.js";

/** The name of the column of predictions. */
export const Y_PRED = "y_pred";

export const MonitoredReferenceSchema = Type.Object(
  {
    hash: Type.String({ pattern: "^[0-9a-f]{12}$", description: "The hash that windows of features carry." }),
    rows: Type.Integer({ minimum: 1 }),
    from: Type.Optional(ReferenceOriginSchema),
    columns: Type.Array(Type.Object({ name: Type.String(), isPrediction: Type.Boolean(), reference: FeatureReferenceSchema }), {
      maxItems: MONITORED_FEATURES + 1,
      description: "In the order of the codes of a row: the features, the most important first, then y_pred.",
    }),
  },
  { description: "What the monitored features and the predictions of a model looked like where it was made." },
);

/** What the monitored features and the predictions of a model looked like where it was made, in the order of the codes of a row. */
export type MonitoredReference = Static<typeof MonitoredReferenceSchema>;

const references = Compile(MonitoredReferenceSchema);

/** Whether a value, read from JSON, is such a reference, whose counts belong to its bins. */
export function isMonitoredReference(value: unknown): value is MonitoredReference {
  return references.Check(value) && value.columns.every(({ reference }) => isFeatureReference(reference));
}

/** @returns names of `names` that the reference does not have. */
export function unknownFeatures({ features }: Reference, names: readonly string[]): string[] {
  return names.filter((name) => features[name] === undefined);
}

/**
 * The part of a reference that is monitored.
 *
 * @param names - the features to monitor; empty: all of them. At most 64 are. A choice of features has a hash of its own.
 */
export function monitoredReference(reference: Reference, names: readonly string[]): MonitoredReference {
  const all = Object.entries(reference.features);
  const chosen = names.length === 0 ? all : all.filter(([name]) => names.includes(name));
  const features = chosen.slice(0, MONITORED_FEATURES);
  const isAll = features.length === all.length;
  const hash = referenceHash(isAll ? reference : { ...reference, features: Object.fromEntries(features) });
  const ofFeatures = features
    .toSorted(([, one], [, other]) => (other.importance ?? 0) - (one.importance ?? 0))
    .map(([name, of]) => ({ name, isPrediction: false, reference: of }));
  const ofPredictions = reference.y_pred === undefined ? [] : [{ name: Y_PRED, isPrediction: true, reference: reference.y_pred }];
  return {
    hash,
    rows: reference.rows,
    ...(reference.from === undefined ? {} : { from: reference.from }),
    columns: [...ofFeatures, ...ofPredictions].map((column) => ({ ...column, reference: withoutRare(column.reference) })),
  };
}

/** Texts without a bin of their own may be many, and are needed only to make codes. */
function withoutRare({ bins, counts }: FeatureReference): FeatureReference {
  return { bins: bins.kind === "number" ? bins : { ...bins, others: [] }, counts };
}

/** What codes of its rows look like. */
export function layoutOf({ hash, columns }: MonitoredReference): CodeLayout {
  const coded = columns.map(({ isPrediction, reference: { bins } }): CodeColumn => ({
    of: isPrediction ? "y_pred" : bins.kind,
    bins: binCount(bins),
  }));
  return new CodeLayout(hash, coded);
}
