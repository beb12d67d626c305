import { SavedDouble, SavedFormat, type Moments, type SavedStatistics } from "@streamgauge/core";
import Type from "typebox";
import type { CommittedFile } from "../log/append-file.js";
import type { Generation } from "../log/metric-log.js";
import type { VersionMoments } from "../statistics/version-statistics.js";
import type { Side } from "./half-table.js";

/** What became of the rows of one side, since the log began. */
export interface Balance {
  /** Rows that came in; the sum of what follows and of the pending ones. */
  readonly received: number;
  readonly logged: number;
  readonly unmatched: number;
  /** Refused rows; a message of which nothing can be read counts as one. */
  readonly deadLettered: number;
  /** The id was there already, with the same value. */
  readonly duplicates: number;
  /** The id was there already, with another value. */
  readonly conflicts: number;
}

export const EMPTY_BALANCE: Balance = { received: 0, logged: 0, unmatched: 0, deadLettered: 0, duplicates: 0, conflicts: 0 };

/** All that is committed together: what is beyond these lengths in the files never happened. */
export interface CommittedState {
  readonly version: 2;
  readonly log: CommittedFile;
  readonly unmatched: CommittedFile;
  readonly conflicts: CommittedFile;
  readonly balance: Readonly<Record<Side, Balance>>;
  /** Half pairs in the store. */
  readonly pending: Readonly<Record<Side, number>>;
  /** What the log holds of each version of the model. */
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
  // Version 1 counted errors in other cells. Without generations the log is read from its beginning, and everything is counted anew.
  upgrades: { 1: () => ({ version: 2, generations: [] }) },
});

/** Version 1 could lack the versions of the model, and wrote a sum that had overflowed as null. */
function withAllVersions(older: unknown): unknown {
  const { versions = [], ...rest }: { versions?: readonly { model: unknown; moments: object }[] } = Object(older);
  const overflowed = { double: "NaN" };
  const upgraded = versions.map(({ model, moments: sums }) => ({
    model,
    moments: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum === null ? overflowed : sum])),
  }));
  return { ...rest, version: 2, versions: upgraded };
}
