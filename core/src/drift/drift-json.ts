import Type, { type Static } from "typebox";
import { CodeLayout } from "./code-layout.js";
import { HourCounts, joinedHours, type JoinedHours } from "./hour-counts.js";
import type { MonitoredReference } from "./monitored-reference.js";
import { ReferenceOriginSchema } from "./reference.js";
import type { SavedFeatureWindow } from "./saved-feature-window.js";
import { UnseenNameSchema } from "./unseen-names.js";

const count = Type.Integer({ minimum: 0 });

const drift = {
  name: Type.String({ description: "The feature; y_pred for the predictions." }),
  drifted: Type.Boolean({ description: "Whether psi is above 0.1 and above noise." }),
  psi: Type.Number({ description: "Population stability index." }),
  noise: Type.Number({
    description:
      "What psi exceeds though nothing has drifted, for one of all features in 5 % of cases at most: by chance, and because hours differ.",
  }),
  js: Type.Number({ description: "Jensen–Shannon distance to base 2, 0 to 1." }),
  wasserstein: Type.Union([Type.Number(), Type.Null()], {
    description: "First Wasserstein distance in standard deviations of the reference; null of texts, and of values that do not vary.",
  }),
  missing: Type.Integer({ minimum: 0, description: "Rows without a value." }),
  unseen: Type.Union([count, Type.Null()], { description: "Rows with a text that the reference does not have; null of numbers." }),
};

const DriftSchema = Type.Object(drift);
const DriftWithCountsSchema = Type.Object({
  ...drift,
  counts: Type.Array(count, { description: "Rows by bin, in the order of the reference's." }),
  spread: Type.Number({
    minimum: 0,
    description:
      "What hours may exceed chance by because they differ by themselves, as in the last week; part of noise. 0 while too few are known.",
  }),
  unseen_names: Type.Array(UnseenNameSchema, { description: "The commonest texts that the reference does not have, at most ten." }),
});

export const DriftReportSchema = Type.Object({
  model: Type.String({ description: "The model version." }),
  reference: Type.Object({
    sha256: Type.String(),
    rows: count,
    from: Type.Optional(ReferenceOriginSchema),
    features: Type.Array(
      Type.Object({
        name: Type.String(),
        kind: Type.Union([Type.Literal("number"), Type.Literal("text")]),
        edges: Type.Array(Type.Number(), {
          description:
            "Of numbers: where the bins end. The bins of counts are missing, below the first edge, one between each two, above the last.",
        }),
        texts: Type.Array(Type.String(), {
          description: "Of texts, the commonest. The bins of counts are missing, other texts, unseen ones, these.",
        }),
        counts: Type.Array(count),
      }),
    ),
  }),
  hours: Type.Array(
    Type.Object({
      start: Type.String({ description: "ISO 8601." }),
      rows: count,
      features: Type.Array(DriftSchema, { description: "In the order of the reference's, the most important first." }),
    }),
  ),
  total: Type.Object({ rows: count, features: Type.Array(DriftWithCountsSchema) }, { description: "All hours together." }),
});

/** How the rows of hours differ from those that the model was made with. */
export type DriftReport = Static<typeof DriftReportSchema>;
/** What drift needs of a window. */
export type DriftHour = Pick<SavedFeatureWindow, "start" | "model" | "layout" | "predicted" | "columns">;

/**
 * How the rows of each hour, and of all together, differ from the reference.
 *
 * @param windows - of one model version, those with codes of this reference. @param from - earlier hours only show how hours differ by themselves; ms since 1970.
 * @returns undefined if they have no rows.
 */
export function driftReport(reference: MonitoredReference, windows: Iterable<DriftHour>, from = -Infinity): DriftReport | undefined {
  const counted = new HourCounts(reference);
  let model = "";
  for (const window of windows) {
    if (CodeLayout.read(window.layout)?.reference !== reference.hash) continue;
    counted.add(window);
    ({ model } = window);
  }
  const hours = counted.since(from);
  if (hours.length === 0) return undefined;
  const spreads = counted.spreads();
  return {
    model,
    reference: described(reference),
    hours: hours.map((hour) => {
      const { counts, spread } = joinedHours(reference, [hour], spreads);
      return { start: new Date(hour.start).toISOString(), rows: counts.rows, features: counts.drifts(reference, spread) };
    }),
    total: totalOf(reference, joinedHours(reference, hours, spreads), spreads),
  };
}

function totalOf(reference: MonitoredReference, { counts, spread }: JoinedHours, spreads: readonly number[]): DriftReport["total"] {
  const features = counts.drifts(reference, spread).map((each, column) => ({
    ...each,
    counts: Array.from(counts.counts[column] ?? []),
    spread: spreads[column] ?? 0,
    unseen_names: counts.unseenNames(column),
  }));
  return { rows: counts.rows, features };
}

/** A reference as it is served. */
export function described({ hash, rows, from, columns }: MonitoredReference): DriftReport["reference"] {
  return {
    sha256: hash,
    rows,
    ...(from === undefined ? {} : { from }),
    features: columns.map(({ name, reference: { bins, counts } }) => ({
      name,
      kind: bins.kind,
      edges: bins.kind === "number" ? bins.edges : [],
      texts: bins.kind === "text" ? bins.texts : [],
      counts,
    })),
  };
}
