import type { Corrections } from "../corrections/corrections.js";
import type { Alerting } from "../alerting/alerting.js";
import type { Alarms } from "../alarm/alarms.js";
import { TAIL_BYTES, type MetricLog } from "../log/metric-log.js";
import type { RecordFile } from "../log/record-file.js";
import type { Side } from "../state/half-table.js";
import type { PendingHalves } from "../state/pending-halves.js";
import { STATE_FORMAT, type Balance } from "../state/saved-state.js";
import type { Commit, StateStore } from "../state/state-store.js";
import type { Monitor } from "../monitoring/monitor.js";
import type { LatestDrift } from "../monitoring/latest-drift.js";
import type { LineRecords } from "../monitoring/line-records.js";
import type { VersionStatistics } from "../statistics/version-statistics.js";
import type { WaitingRoom } from "./waiting-room.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The state of the join. It is committed as a whole; after a failed commit it is opened anew. */
export interface JoinState {
  readonly log: MetricLog;
  readonly store: StateStore;
  readonly pending: PendingHalves;
  readonly rooms: Readonly<Record<Side, WaitingRoom>>;
  readonly unmatched: RecordFile;
  readonly conflicts: RecordFile;
  readonly balance: Readonly<Record<Side, Mutable<Balance>>>;
  readonly corrections: Corrections;
  readonly versions: VersionStatistics;
  readonly records: LineRecords;
  readonly monitor: Monitor;
  /** What its features say of the rows. */
  readonly drift: LatestDrift;
  /** The alarm on the error. */
  readonly alarms: Alarms;
  /** The rules of the lane; undefined if it has none. */
  readonly alerting: Alerting | undefined;
}

/**
 * What the store must record about the files as they are written now.
 *
 * @param changes - of monitoring and the alarm. @param known - the generations that it already has.
 */
export function commitOf(
  { log, unmatched, conflicts, corrections, balance, pending, versions, alerting }: JoinState,
  { monitor, alarms }: Pick<Commit, "monitor" | "alarms">,
  known: Commit["generations"],
): Commit {
  return {
    state: {
      version: STATE_FORMAT.version,
      log: { length: log.length, lines: log.lines },
      unmatched: unmatched.committed,
      conflicts: conflicts.committed,
      corrections: corrections.committed,
      balance,
      pending: pending.counts,
      correctionBalance: corrections.balance,
      waitingCorrections: corrections.waiting,
      versions: versions.list(),
    },
    monitor,
    alarms,
    alerting: alerting?.takeChanges(),
    corrections: corrections.takeChanges(),
    tail: log.tail(TAIL_BYTES),
    generations: log.generations === known ? undefined : log.generations,
    logDay: log.day,
  };
}
