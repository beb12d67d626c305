import { LanePartition, readPartitions } from "@streamgauge/core";
import type { CommittedState, CorrectionBalance, Side } from "@streamgauge/metrics";
import { addedBalance } from "../added-balance.js";
import { verifyLane, type Verification } from "./verify-lane.js";

/** What `verify` says of a whole lane: the sums over its partitions, and what does not add up in any. */
export interface LaneVerification {
  readonly state: VerifiedSums;
  readonly problems: readonly string[];
  /** What could not be checked, one sentence each. */
  readonly unchecked: readonly string[];
  /** Why windows could not be checked, though all lines are there. */
  readonly uncheckedWindows: readonly string[];
  /** How many partitions were checked. */
  readonly partitions: number;
}

/** The part of a state that adds up over partitions. */
export type VerifiedSums = Pick<CommittedState, "balance" | "pending" | "correctionBalance" | "waitingCorrections"> & {
  readonly log: Pick<CommittedState["log"], "lines">;
};

/** Checks every partition of a lane; see `verifyLane`. No id is in two logs, as each is only in that of its own partition. @throws NoStateError */
export async function verifyPartitions(logsDir: string, lane: string, of = readPartitions(logsDir)): Promise<LaneVerification> {
  const partitions = LanePartition.all(lane, of);
  const verified: Verification[] = [];
  for (const partition of partitions) verified.push(await verifyLane(logsDir, partition));
  return {
    state: verified.map(({ state }): VerifiedSums => state).reduce(added),
    problems: verified.flatMap(({ problems }) => problems),
    unchecked: verified.flatMap(({ unchecked }) => unchecked),
    uncheckedWindows: verified.flatMap(({ uncheckedWindows }) => uncheckedWindows),
    partitions: partitions.length,
  };
}

function added(one: VerifiedSums, other: VerifiedSums): VerifiedSums {
  const both = <T>(of: (side: Side) => T) => ({ y_true: of("y_true"), y_pred: of("y_pred") });
  return {
    log: { lines: one.log.lines + other.log.lines },
    balance: both((side) => addedBalance(one.balance[side], other.balance[side])),
    pending: both((side) => one.pending[side] + other.pending[side]),
    correctionBalance: addedCorrections(one.correctionBalance, other.correctionBalance),
    waitingCorrections: one.waitingCorrections + other.waitingCorrections,
  };
}

function addedCorrections(one: CorrectionBalance, other: CorrectionBalance): CorrectionBalance {
  return {
    received: one.received + other.received,
    applied: one.applied + other.applied,
    duplicates: one.duplicates + other.duplicates,
    conflicts: one.conflicts + other.conflicts,
    unmatched: one.unmatched + other.unmatched,
    deadLettered: one.deadLettered + other.deadLettered,
    notRestated: one.notRestated + other.notRestated,
  };
}
