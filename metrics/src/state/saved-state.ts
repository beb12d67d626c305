import { SavedDouble, SavedFormat, type Moments, type SavedStatistics } from "@streamgauge/core";
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

/** The state that is committed together. Bytes in the files beyond these lengths count as not written. */
export interface CommittedState {
  readonly version: 2;
  readonly log: CommittedFile;
  readonly unmatched: CommittedFile;
  readonly conflicts: CommittedFile;
  readonly balance: Readonly<Record<Side, Balance>>;
  /** Halves in the store. */
  readonly pending: Readonly<Record<Side, number>>;
  /** Statistics of the log by model version. */
  readonly versions: readonly VersionMoments[];
}

/** The generations of the log's index. */
export interface SavedGenerations {
  readonly version: 2;
  readonly generations: readonly Generation[];
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
const bothSides = <T extends Type.TSchema>(one: T) => Type.Object({ y_true: one, y_pred: one });
const moments = Type.Object({
  count,
  absolute: SavedDouble,
  squared: SavedDouble,
  signed: SavedDouble,
  meanTrue: SavedDouble,
  spreadTrue: SavedDouble,
} satisfies Record<keyof Moments, unknown>);
const statistics = Type.Object({
  moments,
  histogram: Type.Object({ cells: Type.Array(Type.Integer()), exact: Type.Array(SavedDouble), min: SavedDouble, max: SavedDouble }),
} satisfies Record<keyof SavedStatistics, unknown>);

export const STATE_FORMAT = new SavedFormat<CommittedState>({
  what: "The state of metrics",
  version: 2,
  schema: Type.Object({
    version: Type.Literal(2),
    log: file,
    unmatched: file,
    conflicts: file,
    balance: bothSides(balance),
    pending: bothSides(count),
    versions: Type.Array(Type.Object({ model: Type.String(), moments })),
  }),
  upgrades: { 1: withAllVersions },
});

export const GENERATIONS_FORMAT = new SavedFormat<SavedGenerations>({
  what: "The index of the log",
  version: 2,
  schema: Type.Object({
    version: Type.Literal(2),
    generations: Type.Array(Type.Object({ offset: count, lines: count, statistics })),
  }),
  // Version 1 counted errors in other cells. Without generations the log is read and counted from its start.
  upgrades: { 1: () => ({ version: 2, generations: [] }) },
});

/** Version 1 could lack the model versions, and wrote an overflowed sum as null. */
function withAllVersions(older: unknown): unknown {
  const { versions = [], ...rest }: { versions?: readonly { model: unknown; moments: object }[] } = Object(older);
  const overflowed = { double: "NaN" };
  const upgraded = versions.map(({ model, moments: sums }) => ({
    model,
    moments: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum === null ? overflowed : sum])),
  }));
  return { ...rest, version: 2, versions: upgraded };
}
