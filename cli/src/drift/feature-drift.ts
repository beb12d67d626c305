import {
  countsOf,
  driftOf,
  UNSEEN,
  type Drift,
  type FeatureReference,
  type Observed,
  type Reference,
  type Values,
} from "@streamgauge/core";

/** How far one feature, or the prediction, has moved. */
export interface FeatureDrift extends Drift {
  /** `y_pred` for the prediction. */
  readonly name: string;
  /** Rows with a text that the reference does not have; absent for a feature with numbers. */
  readonly unseen?: number;
}

/** Compares each feature of the reference, and the predictions, with rows of today. @param columns - by feature, shape [rows] each. */
export function driftsOf(
  { features, y_pred: predicted }: Reference,
  columns: ReadonlyMap<string, Values>,
  yPred: Float64Array,
): readonly FeatureDrift[] {
  const compared = [...Object.entries(features), ...(predicted === undefined ? [] : [["y_pred", predicted] as const])];
  return compared.map(([name, reference]) => {
    const observed = observedIn(reference, name === "y_pred" && reference === predicted ? yPred : (columns.get(name) ?? []));
    const unseen = reference.bins.kind === "text" ? observed.counts[UNSEEN] : undefined;
    return { name, ...driftOf(reference, observed, { features: compared.length }), ...(unseen === undefined ? {} : { unseen }) };
  });
}

function observedIn({ bins }: FeatureReference, values: Values): Observed {
  const counts = countsOf(bins, values);
  if (bins.kind === "text" || !(values instanceof Float64Array)) return { counts };
  const [least = 0] = bins.edges;
  const greatest = bins.edges.at(-1) ?? 0;
  const [below, above] = [values.filter((value) => value < least), values.filter((value) => value > greatest)];
  return {
    counts,
    ...(below.length === 0 ? {} : { below: meanOf(below) }),
    ...(above.length === 0 ? {} : { above: meanOf(above) }),
  };
}

function meanOf(values: Float64Array): number {
  return values.reduce((mean, value) => mean + value / values.length, 0);
}
