import Type, { type Static } from "typebox";
import { longerLengths, longerStart } from "../windows/longer-windows.js";
import { described } from "./drift-json.js";
import { HourCounts, joinedHours, type CountedHour, type JoinedHours } from "./hour-counts.js";
import type { MonitoredReference } from "./monitored-reference.js";
import type { SavedFeatureWindow } from "./saved-feature-window.js";
import { UnseenNameSchema } from "./unseen-names.js";

const HOUR_MS = 3_600_000;
/** Times that are shown, at the most. */
const MOST_TIMES = 96;

const count = Type.Integer({ minimum: 0 });
const figure = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });
const time = (description: string) => Type.String({ format: "date-time", description });
const drifted = Type.Boolean({
  description: "Whether the index is above 0.1 and above what it exceeds rarely though nothing has drifted.",
});

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
        noise: figure("What it exceeds rarely though nothing has drifted: by chance, and because hours differ."),
        spread: figure("What hours may exceed chance by because they differ by themselves, as in the last week; part of noise."),
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

/** Hours of one model version with codes of one layout, which are compared with their reference. */
export class DriftHours {
  readonly #reference: MonitoredReference;
  readonly #hours: HourCounts;
  readonly #from: number;

  /** @param from - earlier hours only show how hours differ by themselves; ms since 1970. */
  constructor(reference: MonitoredReference, from = -Infinity) {
    this.#reference = reference;
    this.#hours = new HourCounts(reference);
    this.#from = from;
  }

  /** Adds an hour, or the part of it that is in one partition. */
  add(window: SavedFeatureWindow): void {
    this.#hours.add(window);
  }

  /** The drift of what was added; undefined if it is nothing. */
  found(model: string): DriftOverTime | undefined {
    const hours = this.#hours.since(this.#from);
    const [first, last] = [hours[0]?.start, hours.at(-1)?.start];
    if (first === undefined || last === undefined) return undefined;
    const end = last + HOUR_MS;
    const stepMs = stepOf(end - first);
    const spreads = this.#hours.spreads();
    const all = joinedHours(this.#reference, hours, spreads);
    return {
      model,
      reference: this.#reference.hash,
      reference_rows: this.#reference.rows,
      start: text(first),
      end: text(end),
      rows: all.counts.rows,
      features: this.#features(all, spreads),
      times: Array.from(partsOf(hours, stepMs), ([start, part]) => ({
        start: text(start),
        end: text(start + stepMs),
        ...this.#timeOf(joinedHours(this.#reference, part, spreads)),
      })),
    };
  }

  #timeOf({ counts, spread }: JoinedHours): Pick<DriftOverTime["times"][number], "rows" | "psi" | "drifted"> {
    const stabilities = counts.stabilities(this.#reference, spread);
    return { rows: counts.rows, psi: stabilities.map(({ psi }) => finite(psi)), drifted: stabilities.map(({ drifted }) => drifted) };
  }

  #features({ counts: all, spread }: JoinedHours, spreads: readonly number[]): DriftOverTime["features"] {
    const drifts = all.drifts(this.#reference, spread);
    return described(this.#reference).features.flatMap(({ counts, ...feature }, column) => {
      const drift = drifts[column];
      if (drift === undefined) return [];
      return {
        ...feature,
        psi: finite(drift.psi),
        noise: finite(drift.noise),
        spread: finite(spreads[column] ?? 0),
        js: finite(drift.js),
        wasserstein: finite(drift.wasserstein),
        drifted: drift.drifted,
        counts: Array.from(all.counts[column] ?? []),
        reference_counts: counts,
        unseen: all.unseenNames(column),
      };
    });
  }
}

/** The hours of each time, by where it begins. */
function partsOf(hours: readonly CountedHour[], stepMs: number): Map<number, CountedHour[]> {
  const parts = new Map<number, CountedHour[]>();
  for (const hour of hours) {
    const start = longerStart(hour.start, stepMs);
    const part = parts.get(start);
    if (part === undefined) parts.set(start, [hour]);
    else part.push(hour);
  }
  return parts;
}

/** How long a time is, in ms. @param range - in ms. */
function stepOf(range: number): number {
  const lengths = longerLengths("1h");
  return lengths.find((length) => range / length <= MOST_TIMES) ?? lengths.at(-1) ?? range;
}

function text(ms: number): string {
  return new Date(ms).toISOString();
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
