import { MomentsSchema, NO_MOMENTS, SavedFormat, StatisticsSchema, type SavedStatistics } from "@streamgauge/core";
import Type from "typebox";
import type { CommittedFile } from "../log/append-file.js";
import type { Generation } from "../log/metric-log.js";
import type { VersionMoments } from "../statistics/version-statistics.js";
import type { Side } from "./half-table.js";

/** Rows of one side by outcome, since the log was started. */
export interface Balance {
  /** All rows that came in: the sum of the following counts and the pending halves. */
  readonly received: number;
  readonly logged: number;
  readonly unmatched: number;
  /** Refused rows. An unreadable message counts as one. */
  readonly deadLettered: number;
  /** The id already had the same value. */
  readonly duplicates: number;
  /** The id already had another value. */
  readonly conflicts: number;
}

export const EMPTY_BALANCE: Balance = { received: 0, logged: 0, unmatched: 0, deadLettered: 0, duplicates: 0, conflicts: 0 };

/** Corrections of labels by outcome, since the log was started. */
export interface CorrectionBalance {
  /** All that came in: the sum of the following counts up to `deadLettered`, and of those that wait for a label. */
  readonly received: number;
  /** A label took the place of another one: the records of `corrections.csv`. */
  readonly applied: number;
  /** They came before, or change nothing. */
  readonly duplicates: number;
  /** A later correction was in force. */
  readonly conflicts: number;
  /** No label to correct came in time. */
  readonly unmatched: number;
  /** Refused rows. */
  readonly deadLettered: number;
  /** Among `applied`: no window was restated, for want of a record of the line. */
  readonly notRestated: number;
}

export const EMPTY_CORRECTIONS: CorrectionBalance = {
  received: 0,
  applied: 0,
  duplicates: 0,
  conflicts: 0,
  unmatched: 0,
  deadLettered: 0,
  notRestated: 0,
};

/** The version of these formats: raised when a sum is added. */
const VERSION = 3;

/** The state that is committed together. Bytes in the files beyond these lengths count as not written. */
export interface CommittedState {
  readonly version: typeof VERSION;
  readonly log: CommittedFile;
  readonly unmatched: CommittedFile;
  readonly conflicts: CommittedFile;
  readonly corrections: CommittedFile;
  readonly balance: Readonly<Record<Side, Balance>>;
  /** Halves in the store. */
  readonly pending: Readonly<Record<Side, number>>;
  readonly correctionBalance: CorrectionBalance;
  /** Corrections in the store that wait for a label. */
  readonly waitingCorrections: number;
  /** Statistics of the log by model version. */
  readonly versions: readonly VersionMoments[];
}

/** The generations of the log's index. */
export interface SavedGenerations {
  readonly version: typeof VERSION;
  readonly generations: readonly Generation[];
}

/** The UTC day on which a line of the log was committed last, as `20260131`. */
export interface SavedLogDay {
  readonly version: 1;
  readonly day: string;
}

/** The pairs whose labels were replaced by corrections, and those that took their place. */
export interface SavedReplaced {
  readonly version: typeof VERSION;
  readonly replaced: SavedStatistics;
  readonly replacing: SavedStatistics;
}

const count = Type.Integer({ minimum: 0 });
const file = Type.Object({ length: count, lines: count });
const balance = Type.Object({
  received: count,
  logged: count,
  unmatched: count,
  deadLettered: count,
  duplicates: count,
  conflicts: count,
});
const correctionBalance = Type.Object({
  received: count,
  applied: count,
  duplicates: count,
  conflicts: count,
  unmatched: count,
  deadLettered: count,
  notRestated: count,
} satisfies Record<keyof CorrectionBalance, unknown>);
const bothSides = <T extends Type.TSchema>(one: T) => Type.Object({ y_true: one, y_pred: one });

export const STATE_FORMAT = new SavedFormat<CommittedState>({
  what: "The state of metrics",
  version: VERSION,
  schema: Type.Object({
    version: Type.Literal(VERSION),
    log: file,
    unmatched: file,
    conflicts: file,
    corrections: file,
    balance: bothSides(balance),
    pending: bothSides(count),
    correctionBalance,
    waitingCorrections: count,
    versions: Type.Array(Type.Object({ model: Type.String(), moments: MomentsSchema })),
  }),
  upgrades: { 1: withAllSums, 2: withCorrections },
});

export const GENERATIONS_FORMAT = new SavedFormat<SavedGenerations>({
  what: "The index of the log",
  version: VERSION,
  schema: Type.Object({
    version: Type.Literal(VERSION),
    generations: Type.Array(Type.Object({ offset: count, lines: count, statistics: StatisticsSchema })),
  }),
  // Version 1 counted errors in other cells. Without generations the log is read and counted from its start.
  upgrades: { 1: () => ({ version: VERSION, generations: [] }), 2: (older) => ({ ...Object(older), version: VERSION }) },
});

export const LOG_DAY_FORMAT = new SavedFormat<SavedLogDay>({
  what: "The day of the log",
  version: 1,
  schema: Type.Object({ version: Type.Literal(1), day: Type.String({ pattern: "^\\d{8}$" }) }),
  upgrades: {},
});

export const REPLACED_FORMAT = new SavedFormat<SavedReplaced>({
  what: "The statistics of corrections",
  version: VERSION,
  schema: Type.Object({ version: Type.Literal(VERSION), replaced: StatisticsSchema, replacing: StatisticsSchema }),
  // Earlier versions had no corrections.
  upgrades: {},
});

/**
 * Version 1 could lack the model versions, and wrote an overflowed sum as null. A sum that an older version did not keep is NaN: what it
 * was is not known.
 */
function withAllSums(older: unknown): unknown {
  const { versions = [], ...rest }: { versions?: readonly { model: unknown; moments: Record<string, unknown> }[] } = Object(older);
  const upgraded = versions.map(({ model, moments }) => ({
    model,
    moments: Object.fromEntries(Object.keys(NO_MOMENTS).map((sum) => [sum, moments[sum] ?? { double: "NaN" }])),
  }));
  return { ...rest, version: VERSION, versions: upgraded };
}

/** Version 2 had no corrections. */
function withCorrections(older: unknown): unknown {
  const none = { corrections: { length: 0, lines: 0 }, correctionBalance: EMPTY_CORRECTIONS, waitingCorrections: 0 };
  return { ...Object(older), ...none, version: VERSION };
}
