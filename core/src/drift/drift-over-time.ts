import Type, { type Static } from "typebox";
import { longerLengths, longerStart } from "../windows/longer-windows.js";
import { driftOf, type Drift } from "./drift.js";
import { binCount } from "./feature-bins.js";
import type { MonitoredReference } from "./monitored-reference.js";
import type { SavedColumn, SavedFeatureWindow } from "./saved-feature-window.js";
import { commonestNames, UnseenNames, UnseenNameSchema } from "./unseen-names.js";

const HOUR_MS = 3_600_000;
/** Times that are shown, at the most. */
const MOST_TIMES = 96;

const count = Type.Integer({ minimum: 0 });
const figure = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });
const time = (description: string) => Type.String({ format: "date-time", description });
const drifted = Type.Boolean({ description: "Whether the index is above 0.1 and above what it has by chance." });

/** Drift of each feature and of the predictions, over a range and in each part of it. */
export const DriftOverTimeSchema = Type.Object(
  {
    model: Type.String({ description: "The model version." }),
    reference: Type.String({ description: "The hash of the reference that rows are compared with." }),
    reference_rows: count,
    start: time("Where the first hour begins."),
    end: time("Where the last one ends."),
    rows: Type.Integer({ minimum: 0, description: "Predictions of the range." }),
    features: Type.Array(
      Type.Object({
        name: Type.String({ description: "y_pred for the prediction." }),
        kind: Type.Union([Type.Literal("number"), Type.Literal("text")]),
        psi: figure("Population stability index of the range."),
        noise: figure("What it exceeds by chance alone, rarely."),
        js: figure("Jensen–Shannon distance to base 2."),
        wasserstein: figure("First Wasserstein distance in standard deviations of the reference; null for texts."),
        drifted,
        counts: Type.Array(count, { description: "Rows of the range by bin." }),
        reference_counts: Type.Array(count, { description: "Rows of the reference by bin." }),
        edges: Type.Array(Type.Number(), {
          description:
            "Of numbers: bin 0 is of missing values, bin 1 up to the first edge, bin i + 1 from edge i − 1 to edge i, the last one above all.",
        }),
        texts: Type.Array(Type.String(), {
          description: "Of texts: bins 0 to 2 are of missing, rare and unseen texts; these have the others.",
        }),
        unseen: Type.Array(UnseenNameSchema, { description: "The commonest texts that the reference does not have." }),
      }),
      { description: "The most important first, y_pred last." },
    ),
    times: Type.Array(
      Type.Object({
        start: time("Where it begins."),
        end: time("Where it ends."),
        rows: count,
        psi: Type.Array(figure("Of each feature, in their order; null without rows.")),
        drifted: Type.Array(drifted),
      }),
      { description: `Hours, ascending; of a long range several are one, so that there are at most ${MOST_TIMES}.` },
    ),
  },
  { description: "How far features and predictions have moved from the reference." },
);

export type DriftOverTime = Static<typeof DriftOverTimeSchema>;

/** Rows of a time by bin. */
interface TimeCounts {
  readonly start: number;
  rows: number;
  /** Shape [columns][bins]. */
  readonly counts: readonly Float64Array[];
}

/** Hours of one model version with codes of one layout, which are compared with their reference. */
export class DriftHours {
  readonly #reference: MonitoredReference;
  readonly #hours = new Map<number, TimeCounts>();
  readonly #unseen: readonly UnseenNames[];

  constructor(reference: MonitoredReference) {
    this.#reference = reference;
    this.#unseen = reference.columns.map(() => new UnseenNames());
  }

  /** Adds an hour, or the part of it that is in one partition. */
  add({ start, predicted, columns }: SavedFeatureWindow): void {
    const hour = this.#hours.get(start) ?? this.#emptyTime(start);
    this.#hours.set(start, hour);
    addColumns(hour, predicted, columns);
    for (const [column, { unseen }] of columns.entries()) this.#unseen[column]?.merge(unseen);
  }

  #emptyTime(start: number): TimeCounts {
    return { start, rows: 0, counts: this.#reference.columns.map(({ reference }) => new Float64Array(binCount(reference.bins))) };
  }

  /** The drift of what was added; undefined if it is nothing. */
  found(model: string): DriftOverTime | undefined {
    const hours = [...this.#hours.values()].toSorted((one, other) => one.start - other.start);
    const [first] = hours;
    const last = hours.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const stepMs = stepOf(last.start + HOUR_MS - first.start);
    const times = this.#joined(hours, stepMs);
    const all = this.#emptyTime(first.start);
    for (const hour of hours) addCounts(all, hour);
    return {
      model,
      reference: this.#reference.hash,
      reference_rows: this.#reference.rows,
      start: text(first.start),
      end: text(last.start + HOUR_MS),
      rows: all.rows,
      features: this.#reference.columns.map((_, column) => this.#feature(column, all)),
      times: times.map((each) => ({ start: text(each.start), end: text(each.start + stepMs), rows: each.rows, ...this.#driftsOf(each) })),
    };
  }

  #joined(hours: readonly TimeCounts[], stepMs: number): TimeCounts[] {
    const times = new Map<number, TimeCounts>();
    for (const hour of hours) {
      const start = longerStart(hour.start, stepMs);
      const joined = times.get(start) ?? this.#emptyTime(start);
      times.set(start, joined);
      addCounts(joined, hour);
    }
    return [...times.values()];
  }

  #drift(column: number, { counts }: TimeCounts): Drift | undefined {
    const { columns } = this.#reference;
    const [of, observed] = [columns[column], counts[column]];
    return of === undefined || observed === undefined ? undefined : driftOf(of.reference, { counts: observed }, columns.length);
  }

  #driftsOf(each: TimeCounts): Pick<DriftOverTime["times"][number], "psi" | "drifted"> {
    const drifts = this.#reference.columns.map((_, column) => this.#drift(column, each));
    return { psi: drifts.map((drift) => finite(drift?.psi)), drifted: drifts.map((drift) => drift?.drifted ?? false) };
  }

  #feature(column: number, all: TimeCounts): DriftOverTime["features"][number] {
    const { name = "", reference } = this.#reference.columns[column] ?? {};
    const drift = this.#drift(column, all);
    return {
      name,
      kind: reference?.bins.kind ?? "number",
      psi: finite(drift?.psi),
      noise: finite(drift?.noise),
      js: finite(drift?.js),
      wasserstein: finite(drift?.wasserstein),
      drifted: drift?.drifted ?? false,
      counts: Array.from(all.counts[column] ?? []),
      reference_counts: [...(reference?.counts ?? [])],
      edges: reference?.bins.kind === "number" ? reference.bins.edges : [],
      texts: reference?.bins.kind === "text" ? reference.bins.texts : [],
      unseen: commonestNames(this.#unseen[column]?.save() ?? []),
    };
  }
}

/** How long a time is, in ms. @param range - in ms. */
function stepOf(range: number): number {
  const lengths = longerLengths("1h");
  return lengths.find((length) => range / length <= MOST_TIMES) ?? lengths.at(-1) ?? range;
}

function addColumns(hour: TimeCounts, predicted: number, columns: readonly SavedColumn[]): void {
  hour.rows += predicted;
  for (const [column, { bins }] of columns.entries()) {
    const counts = hour.counts[column];
    if (counts === undefined) continue;
    for (const { bin, predicted: rows } of bins) counts[bin] = (counts[bin] ?? 0) + rows;
  }
}

function addCounts(sum: TimeCounts, { rows, counts }: TimeCounts): void {
  sum.rows += rows;
  for (const [column, bins] of counts.entries()) {
    const into = sum.counts[column];
    for (const [bin, more] of bins.entries()) if (into !== undefined) into[bin] = (into[bin] ?? 0) + more;
  }
}

function text(ms: number): string {
  return new Date(ms).toISOString();
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
