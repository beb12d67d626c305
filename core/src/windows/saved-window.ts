import Type from "typebox";
import { SavedDouble, SavedFormat } from "../runtime/saved-value.js";
import type { SavedSignedCells } from "../statistics/signed-cells.js";
import { SavedExactSumSchema, type SavedExactSum } from "../statistics/saved-exact-sum.js";
import { SUMS } from "./error-sums.js";
import { INTERVAL_SUMS, NO_INTERVALS, type SavedIntervalSums } from "./interval-sums.js";
import type { SavedPairs } from "./pair-cells.js";
import { WorstRowsSchema, type WorstRow } from "./worst-rows.js";
import { WINDOW_SIZE_NAMES, type WindowSize } from "./window-size.js";

/** The labelled rows of one model version in a window. */
export interface VersionInWindow {
  /** Name and version; empty if the predictions have none. */
  readonly model: string;
  readonly labelled: number;
  /** Of e = y_pred − y_true: Σe, Σ|e|, Σe²; of y = y_true: Σy, Σy². */
  readonly sums: readonly SavedExactSum[];
  /** Its pairs of y_pred and y_true; none of later versions that are counted together. */
  readonly pairs: readonly SavedPairs[];
}

/** The rows of a window whose prediction is in one tenth of the reference's predictions. */
export interface TenthInWindow {
  /** From 0 for the smallest predictions to 9; 10 for those that came before there was a reference. */
  readonly tenth: number;
  readonly predicted: number;
  readonly labelled: number;
  /** As of a version; none without labels. */
  readonly sums: readonly SavedExactSum[];
}

/** A window as it is stored and sent: sums and counts, from which every figure of it follows. Windows of one time merge. */
export interface SavedWindow {
  readonly version: 4;
  readonly size: WindowSize;
  /** ms since 1970. */
  readonly start: number;
  /** Grows with each commit that changes the window. */
  readonly revision: number;
  readonly predicted: number;
  /** Predictions whose label did not come in time. */
  readonly expired: number;
  /** When the last of its predictions came in, ms since 1970. */
  readonly lastPredictedAt: number;
  /** When no label can come any more, unless more predictions do; ms since 1970. */
  readonly finalAt: number;
  /** Pairs. */
  readonly labelled: number;
  /** Pairs whose label in force is not the one in the log. */
  readonly corrected: number;
  /** Pairs that a version of this program counted which did not keep what is new in this format. */
  readonly older: number;
  /** The least and the greatest e, and the smallest |e|; NaN of no pairs. */
  readonly extremes: readonly [least: number, greatest: number, smallest: number];
  readonly errors: SavedSignedCells;
  /** Labels by how long they took; see `LabelLags`. */
  readonly lags: readonly number[];
  readonly models: readonly VersionInWindow[];
  readonly worst: readonly WorstRow[];
  /** The largest error of a row that is missing among them; see `WorstRows`. */
  readonly worstMissing: number;
  readonly tenths: readonly TenthInWindow[];
  /** Mean |e| of the reference of its latest model version, for tenths without labels; NaN while there is none. */
  readonly referenceMae: number;
  /** Labelled rows of that reference; left out by an earlier version, and before there is one. */
  readonly referenceRows?: number;
  /** The intervals that were announced with predictions. */
  readonly intervals: SavedIntervalSums;
}

/** What predictions are compared with: mean |e| of a reference, and of how many rows it is. */
export type WindowReference = Pick<SavedWindow, "referenceMae" | "referenceRows">;

/** A window for readers to whom its pairs do not matter: to merge them would take long. */
export function withoutPairs(window: SavedWindow): SavedWindow {
  return { ...window, models: window.models.map((model) => ({ ...model, pairs: [] })) };
}

const count = Type.Integer({ minimum: 0 });
const sums = Type.Array(SavedExactSumSchema, {
  minItems: SUMS,
  maxItems: SUMS,
  description:
    "Σe, Σ|e|, Σe² of e = y_pred − y_true, and Σy, Σy² of y = y_true, exactly: -1f3p-52 is −0x1f3 · 2^−52, +2inf two terms beyond the doubles.",
});
const runs = Type.Array(Type.Array(Type.Integer(), { minItems: 2 }));
const pairs = Type.Array(Type.Object({ exponent: Type.Integer(), origin: Type.Integer(), runs }), {
  description:
    "Blocks of 64 × 64 cells of (y_pred, y_true), each a square of 2^exponent from 2^exponent · (origin + column, origin + row) on. Runs of counts behind the number of the first cell, which is 64 · row + column.",
});

/** What a saved window looks like. */
export const SavedWindowSchema = Type.Object(
  {
    version: Type.Literal(4),
    size: Type.Union(WINDOW_SIZE_NAMES.map((name) => Type.Literal(name))),
    start: Type.Integer({ description: "Where it begins, ms since 1970." }),
    revision: Type.Integer({ minimum: 0, description: "Grows with each commit that changes the window." }),
    predicted: Type.Integer({ minimum: 0, description: "Predictions, each id once." }),
    expired: Type.Integer({ minimum: 0, description: "Predictions whose label did not come in time." }),
    lastPredictedAt: Type.Number({ description: "When the last of its predictions came in, ms since 1970." }),
    finalAt: Type.Number({ description: "When no label can come any more, ms since 1970." }),
    labelled: Type.Integer({ minimum: 0, description: "Predictions with a label." }),
    corrected: Type.Integer({ minimum: 0, description: "Of these, rows whose label was corrected." }),
    older: Type.Integer({ minimum: 0, description: "Of these, rows that an older version counted, which kept less of them." }),
    extremes: Type.Tuple([SavedDouble, SavedDouble, SavedDouble], { description: "The least e, the greatest e, the smallest |e|." }),
    errors: Type.Object(
      { zeros: count, negative: runs, positive: runs, infinite: Type.Tuple([count, count]) },
      { description: "Counts of e in decimal cells of three digits; a run for each decade: exponent, first mantissa, counts." },
    ),
    lags: Type.Array(count, { description: "Labels by lag: below 1 ms, 2, 4, 8 and so on." }),
    models: Type.Array(Type.Object({ model: Type.String(), labelled: count, sums, pairs }), { description: "Pairs by model version." }),
    worst: WorstRowsSchema,
    worstMissing: {
      ...SavedDouble,
      description:
        "The largest error that a row may have which is missing among them, because an earlier version kept fewer; NaN: none is.",
    },
    tenths: Type.Array(
      Type.Object({
        tenth: Type.Integer({ minimum: 0, maximum: 10 }),
        predicted: count,
        labelled: count,
        sums: Type.Array(SavedExactSumSchema, { maxItems: SUMS }),
      }),
      { description: "Rows by tenth of the reference's predictions; 10: before there was a reference." },
    ),
    referenceMae: SavedDouble,
    referenceRows: Type.Optional(count),
    intervals: Type.Object(
      {
        target: SavedDouble,
        rows: count,
        covered: count,
        sums: Type.Array(SavedExactSumSchema, {
          maxItems: INTERVAL_SUMS,
          description: "Of the half widths, and of what labels are outside of their interval by, exactly.",
        }),
      } satisfies Record<keyof SavedIntervalSums, unknown>,
      {
        description:
          "Of the labelled rows whose prediction had an interval: how many there are and how many labels are in it, by the width that was announced.",
      },
    ),
  } satisfies Record<keyof SavedWindow, unknown>,
  { description: "A window of event time, as sums and counts from which its figures follow." },
);

/** The first version kept sums and cells only. */
function withRows(first: unknown): unknown {
  const { models = [], ...window }: { labelled?: unknown; models?: readonly object[] } = Object(first);
  const older = window.labelled;
  return { ...window, version: 2, corrected: 0, older, worst: [], models: models.map((model) => ({ ...model, pairs: [] })) };
}

/** The second version kept the five worst of the rows that it counted itself. */
function withMissing(second: unknown): unknown {
  const { worst = [], labelled, older }: { worst?: readonly { peak?: unknown }[]; labelled?: unknown; older?: unknown } = Object(second);
  const none = { double: "NaN" };
  const boundless = { double: "Infinity" };
  const last = worst.length === labelled ? none : worst.at(-1)?.peak;
  return { ...Object(second), version: 3, worstMissing: older === 0 ? (last ?? boundless) : boundless };
}

/** The third version had no intervals. */
function withIntervals(third: unknown): unknown {
  return { ...Object(third), version: 4, intervals: { ...NO_INTERVALS, target: { double: "NaN" } } };
}

export const WINDOW_FORMAT = new SavedFormat<SavedWindow>({
  what: "A window",
  version: 4,
  schema: SavedWindowSchema,
  upgrades: { 1: withRows, 2: withMissing, 3: withIntervals },
});
