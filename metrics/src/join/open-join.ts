import { existsSync } from "node:fs";
import { hashIds } from "./id-hash.js";
import { Ids, type Closable } from "@streamgauge/core";
import { setAside } from "../log/append-file.js";
import { MetricLog } from "../log/metric-log.js";
import { RecordFile } from "../log/record-file.js";
import { recoverLog } from "../log/recovery.js";
import type { LanePaths } from "../paths.js";
import { PendingFilter } from "../state/pending-filter.js";
import { EMPTY_BALANCE, SIDES, StateStore, type CommittedState, type Side } from "../state/state-store.js";
import { CommitCycle, type CommitCycleOptions } from "./commit-cycle.js";
import { CONFLICT_COLUMNS, UNMATCHED_COLUMNS, type JoinState } from "./joiner.js";
import { WaitingRoom } from "./waiting-room.js";

/** The join of a lane, recovered from what is on disk and ready to take in frames. */
export interface OpenJoin extends Closable {
  readonly state: JoinState;
  readonly cycle: CommitCycle;
  /** What was found on disk and mended, each a sentence for the user. */
  readonly findings: readonly string[];
}

/** Opens the state and the files of a lane and brings them to what was committed last. */
export function openJoin(paths: LanePaths, options: Omit<CommitCycleOptions, "state" | "generations">): OpenJoin {
  const now = new Date();
  const findings: string[] = [];
  const { store, committed } = openStore(paths.state, findings, now);
  try {
    const known = committed === undefined ? undefined : { ...committed.log, tail: store.tail(), generations: committed.generations };
    const recovered = recoverLog(paths.log, known, now);
    findings.push(...recovered.findings);
    const unmatched = RecordFile.open(paths.unmatched, UNMATCHED_COLUMNS, committed?.unmatched, now);
    const conflicts = RecordFile.open(paths.conflicts, CONFLICT_COLUMNS, committed?.conflicts, now);
    for (const { finding } of [unmatched, conflicts]) if (finding !== undefined) findings.push(finding);

    const pending = { y_true: store.count("y_true"), y_pred: store.count("y_pred") };
    let cycle: CommitCycle | undefined;
    const state: JoinState = {
      log: new MetricLog(recovered.file, recovered.index, recovered.statistics, recovered.lines, (start) => cycle?.beginGeneration(start)),
      store,
      filters: { y_true: filterOf(store, "y_true"), y_pred: filterOf(store, "y_pred") },
      rooms: { y_true: new WaitingRoom(), y_pred: new WaitingRoom() },
      unmatched: unmatched.records,
      conflicts: conflicts.records,
      balance: balanceOf(recovered.continues ? committed : undefined, recovered.lines, pending),
      pending,
    };
    cycle = new CommitCycle({ ...options, state, generations: recovered.generations });
    const close = async () => {
      cycle.close();
      state.log.close();
      state.unmatched.close();
      state.conflicts.close();
      await store.close();
    };
    return { state, cycle, findings, close };
  } catch (error) {
    void store.close();
    throw error;
  }
}

/** Opens the store; one that cannot be read is set aside, because a log without its state is worth more than neither. */
function openStore(folder: string, findings: string[], now: Date): { store: StateStore; committed: CommittedState | undefined } {
  try {
    const store = StateStore.open(folder);
    return { store, committed: store.state() };
  } catch (error) {
    if (!existsSync(folder) || !isCorruption(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    findings.push(
      `The state in ${folder} cannot be read (${reason}). It is kept as ${setAside(folder, now)}; halves that waited in it for their partners ` +
        "are lost unless it can be repaired. The log goes on.",
    );
    const store = StateStore.open(folder);
    return { store, committed: store.state() };
  }
}

/** LMDB's errors for a damaged file, and a state record that is no JSON. */
function isCorruption(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof Error && /MDB_(INVALID|CORRUPTED|PAGE_NOTFOUND|VERSION_MISMATCH|PANIC)|not an LMDB file|corrupt/i.test(error.message));
}

function filterOf(store: StateStore, side: Side): PendingFilter {
  const filter = new PendingFilter();
  const add = (keys: readonly Buffer[]) => {
    for (const hash of hashIds(Ids.of(keys.map((key) => key.toString("utf8")))).low) filter.add(hash);
  };
  let keys: Buffer[] = [];
  for (const key of store.ids(side)) {
    keys.push(key);
    if (keys.length < 10_000) continue;
    add(keys);
    keys = [];
  }
  add(keys);
  return filter;
}

/** The committed counts; where there are none, or the log is another, those that follow from what is there. */
function balanceOf(committed: CommittedState | undefined, lines: number, pending: Readonly<Record<Side, number>>): JoinState["balance"] {
  if (committed !== undefined) return { y_true: { ...committed.balance.y_true }, y_pred: { ...committed.balance.y_pred } };
  const [y_true, y_pred] = SIDES.map((side) => ({ ...EMPTY_BALANCE, logged: lines, received: lines + pending[side] }));
  return { y_true: y_true ?? { ...EMPTY_BALANCE }, y_pred: y_pred ?? { ...EMPTY_BALANCE } };
}
