import { SavedDouble, SavedFormat } from "@streamgauge/core";
import Type from "typebox";
import { SavedDecayedCellsSchema } from "@streamgauge/core/windows";
import { EXPERTS } from "../intervals/dtaci.js";
import { DEFAULT_COVERAGE, type SavedIntervals } from "../intervals/intervals.js";
import type { SavedVersionWidths } from "../intervals/version-widths.js";
import type { CommittedCodes } from "./code-records.js";
import { packedDoubles } from "../state/packed-doubles.js";
import type { PairRate } from "./pair-rates.js";
import type { SavedReference } from "./prediction-tenths.js";

/** What monitoring keeps beside the windows. */
export interface SavedMonitor {
  readonly version: 3;
  /** When the state was made, ms since 1970: revisions of windows count from there. */
  readonly epoch: number;
  /** As it was set: how long a half waits for its partner, in ms, and the rows of a reference. */
  readonly retentionMs: number;
  readonly referenceRows: number;
  /** Lines of the log at that time: windows hold the lines after them. −1 if records of some of those were lost. */
  readonly firstLine: number;
  /** Bytes of the file of line records. */
  readonly recordsLength: number;
  /** How far the codes of the lines are written; none in the store of an earlier version. */
  readonly codes?: CommittedCodes | undefined;
  /** See `PairRates`; none in the store of an earlier version. */
  readonly pairRates?: readonly PairRate[] | undefined;
  /** Commits since `epoch`. */
  readonly commits: number;
  /** The latest event time that was not in the future, ms since 1970; -Infinity before the first. */
  readonly watermark: number;
  /** Predictions whose event time was later than they came. */
  readonly future: number;
  /** Predictions whose event time was before the kept minute windows. */
  readonly old: number;
  readonly references: readonly SavedReference[];
  readonly intervals: SavedIntervals;
}

/** The first version had no intervals. */
function withIntervals(first: unknown): unknown {
  return { ...Object(first), version: 2, intervals: { coverage: DEFAULT_COVERAGE, versions: [] } };
}

const count = Type.Integer({ minimum: 0 });

/** The second version had no codes. */
function withoutCodes(second: unknown): unknown {
  return { ...Object(second), version: 3 };
}

export const MONITOR_FORMAT = new SavedFormat<SavedMonitor>({
  what: "The state of monitoring",
  version: 3,
  schema: Type.Object({
    version: Type.Literal(3),
    epoch: Type.Number(),
    retentionMs: Type.Number(),
    referenceRows: count,
    firstLine: Type.Integer({ minimum: -1 }),
    recordsLength: count,
    codes: Type.Optional(Type.Object({ length: count, end: count })),
    pairRates: Type.Optional(Type.Array(Type.Object({ line: count, every: Type.Integer({ minimum: 1 }) }))),
    commits: count,
    watermark: SavedDouble,
    future: count,
    old: count,
    references: Type.Array(
      Type.Object({
        model: Type.String(),
        predictions: Type.Array(Type.Number()),
        edges: Type.Array(Type.Number()),
        labelled: count,
        absolute: SavedDouble,
        heldOut: Type.Optional(Type.Number()),
      }),
    ),
    intervals: Type.Object({
      coverage: Type.Number(),
      versions: Type.Array(
        Type.Object({
          model: Type.String(),
          labelled: count,
          alphas: packedDoubles(EXPERTS),
          weights: packedDoubles(EXPERTS),
          cells: SavedDecayedCellsSchema,
          announced: Type.String({ pattern: "^[A-Za-z0-9+/]*={0,2}$" }),
        } satisfies Record<keyof SavedVersionWidths, unknown>),
      ),
    }),
  } satisfies Record<keyof SavedMonitor, unknown>),
  upgrades: { 1: withIntervals, 2: withoutCodes },
});
