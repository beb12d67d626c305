import { createReadStream, existsSync, fsyncSync, openSync, closeSync } from "node:fs";
import { join } from "node:path";
import { DONE, Ids, LanePartition, ownRecords, partitionsOfIds, syncFolder, takeCodes, type Closable } from "@streamgauge/core";
import { filesOfLane, lanePaths } from "@streamgauge/core/metric-log";
import type { AlarmSettings } from "../alarm/alarm-settings.js";
import { CORRECTION_FIELD } from "../corrections/corrections.js";
import { HalfFrame } from "../join/half-frame.js";
import { commitOf } from "../join/join-state.js";
import { openJoin, type OpenJoin } from "../join/open-join.js";
import { readCorrectionRecords } from "../log/correction-records.js";
import { SYSTEM_DISK, type CommittedFile, type Disk } from "../log/append-file.js";
import { GENERATION_IDS } from "../log/logged-index.js";
import type { Rotation } from "../log/rotation.js";
import { ReplayClock } from "../replay/replay-clock.js";
import type { FeatureTables } from "../state/feature-tables.js";
import { SIDES, type PendingHalf, type Side } from "../state/half-table.js";
import type { StateStore } from "../state/state-store.js";
import { rowCodesOf } from "../monitoring/row-codes-of.js";
import { withCommittedRuns, type CommittedPartition, type CommittedRun } from "./committed-runs.js";

/** Nothing of the new partitions counts before all of it is there: it is synced once, at the end. */
const FLEETING_DISK: Disk = { ...SYSTEM_DISK, sync: () => undefined };
/** Rows that are committed together. */
const ROWS_AT_ONCE = 8_192;
/** Longer than the pause after a commit, in ms. */
const SETTLED_MS = 20;
/** Halves wait so long in memory at most, in ms. */
const SPILLED_MS = 12_000;

export interface DivisionOptions {
  readonly logsDir: string;
  readonly lane: string;
  /** The number of new partitions. */
  readonly to: number;
  readonly alarm: AlarmSettings;
  readonly intervalCoverage: number;
  readonly retentionMs: number;
  /** When a part of a log is finished. Default: never. */
  readonly rotation?: Rotation | undefined;
  /** Lines of the present partitions together. */
  readonly lines: number;
  /** Ids in one generation of the index of a new log, at least. Default: 10 million. */
  readonly generationIds?: number;
}

/**
 * The partitions that a lane is to have: they go through what the present ones have committed, by the code of metrics, as if they had been there
 * from the beginning. So their logs, windows, alarms and widths belong together.
 */
export class DividedLane implements Closable {
  readonly #options: DivisionOptions;
  readonly #clock: ReplayClock;
  readonly #joins: readonly OpenJoin[];

  private constructor(options: DivisionOptions, clock: ReplayClock, joins: readonly OpenJoin[]) {
    this.#options = options;
    this.#clock = clock;
    this.#joins = joins;
  }

  /** Opens the new partitions, which must not be there yet. */
  static async open(options: DivisionOptions): Promise<DividedLane> {
    const clock = new ReplayClock(0);
    const { logsDir, lane, to, alarm, intervalCoverage, retentionMs, rotation } = options;
    const generationIds = generationIdsFor(options);
    const joins: OpenJoin[] = [];
    for (const partition of LanePartition.all(lane, to)) {
      const paths = lanePaths(logsDir, partition);
      joins.push(
        await openJoin(paths, {
          clock,
          disk: FLEETING_DISK,
          isDurable: false,
          damageOf: () => undefined,
          madeAt: Date.now(),
          alarm,
          intervalCoverage,
          retentionMs,
          rotation,
          generationIds,
          // No rule: for one that comes later the alarms of the past are not new.
          alerting: { rules: [], lane: partition.lane, pageUrl: undefined, logFile: undefined, isSilenced: () => false },
          failpoint: () => undefined,
          onCommit: () => undefined,
          onFault: ({ error }) => {
            throw error;
          },
        }),
      );
    }
    return new DividedLane(options, clock, joins);
  }

  /** Takes everything that these partitions have committed. */
  async takeAll(partitions: readonly CommittedPartition[]): Promise<void> {
    withCommittedRuns(partitions, (runs) => this.#takeRuns(runs));
    for (const { store } of partitions) this.#takeReferences(store.features);
    for (const partition of partitions) {
      await this.#takeCorrections(partition);
      this.#takePending(partition);
      await this.#takeRecords(partition);
      this.#takeCounts(partition);
    }
    this.#settleAll();
    for (const join of this.#joins) this.#commit(join);
  }

  #takeReferences(features: FeatureTables): void {
    for (const { state } of this.#joins) {
      for (const reference of features.references()) state.monitor.references.learn(reference);
      for (const model of features.firstReferenceModels()) {
        const reference = features.firstReference(model);
        if (reference !== undefined) state.monitor.firstReferences.propose(model, reference);
      }
    }
  }

  #takeRuns(runs: Iterable<CommittedRun>): void {
    let rows = 0;
    let latest = 0;
    for (const run of runs) {
      this.#takeRun(run);
      latest = Math.max(latest, run.at);
      rows += run.ids.length;
      if (rows < ROWS_AT_ONCE) continue;
      this.#clock.jumpTo(Math.max(latest, this.#clock.now()) + SETTLED_MS);
      rows = 0;
    }
    this.#clock.jumpTo(Math.max(latest, this.#clock.now()) + SETTLED_MS);
  }

  #takeRun({ at, model, ids, yTrue, yPred, eventTimes, halfWidths, codes }: CommittedRun): void {
    for (const [join, rows] of this.#dividedRows(ids)) {
      const values = (from: Float64Array) => Float64Array.from(rows, (row) => from[row] ?? Number.NaN);
      const own = ids.take(rows);
      const widths = values(halfWidths);
      join.cycle.receive(
        frameOf("y_pred", own, values(yPred), at, {
          model,
          eventTimes: values(eventTimes),
          halfWidths: widths.every(Number.isNaN) ? undefined : widths,
          codes: takeCodes(codes, rows),
        }),
      );
      join.cycle.receive(frameOf("y_true", own, values(yTrue), at));
    }
  }

  /** The rows of each new partition. */
  #dividedRows(ids: Ids): ReadonlyMap<OpenJoin, number[]> {
    const rowsOf = new Map<OpenJoin, number[]>();
    for (const [row, partition] of partitionsOfIds(ids, this.#options.to).entries()) {
      const join = this.#joins[partition - 1];
      if (join === undefined) continue;
      const rows = rowsOf.get(join);
      if (rows === undefined) rowsOf.set(join, [row]);
      else rows.push(row);
    }
    return rowsOf;
  }

  async #takeCorrections({ paths, store }: CommittedPartition): Promise<void> {
    const records = await readCorrectionRecords(paths.corrections, store.state()?.corrections.length ?? 0);
    this.#takeEach(records, ({ id, after, at, who }) => this.#correct(Ids.of([id]), after, at, who, this.#clock.now()));
    this.#takeEach(store.correctionTable.allWaiting(), ({ id }) => {
      const { since = 0, corrections = [] } = store.correctionTable.waiting(id) ?? {};
      for (const { at, value, who } of corrections) this.#correct(Ids.of([id.toString("utf8")]), value, at, who, since);
    });
  }

  /** Hands in the frames of each of these. Commits follow often, as each takes a limited number of rows. */
  #takeEach<T>(all: Iterable<T>, take: (one: T) => void): void {
    let count = 0;
    for (const one of all) {
      take(one);
      count += 1;
      if (count % ROWS_AT_ONCE === 0) this.#settle();
    }
    this.#settle();
  }

  #correct(ids: Ids, value: number, at: number, who: string, receivedAt: number): void {
    for (const [join] of this.#dividedRows(ids))
      join.cycle.receive(frameOf("y_true", ids, Float64Array.of(value), receivedAt, { correction: { who, at } }));
  }

  #takePending({ store }: CommittedPartition): void {
    for (const side of SIDES) this.#takeEach(store.pendingHalves(side), ({ id, half }) => this.#takeHalf(side, id, half, store));
  }

  #takeHalf(side: Side, id: Buffer, half: PendingHalf, store: StateStore): void {
    const { value, receivedAt, model, eventTime, halfWidth, code } = half;
    const ids = Ids.of([id.toString("utf8")]);
    const halfWidths = Number.isNaN(halfWidth) ? undefined : Float64Array.of(halfWidth);
    const ofPrediction =
      side === "y_pred" ? { model, eventTimes: Float64Array.of(eventTime), halfWidths, codes: rowCodesOf([code], store) } : {};
    for (const [join] of this.#dividedRows(ids)) join.cycle.receive(frameOf(side, ids, Float64Array.of(value), receivedAt, ofPrediction));
    this.#clock.jumpTo(Math.max(this.#clock.now(), receivedAt));
  }

  /** The records of `unmatched.csv` and `conflicts.csv`, as they are. */
  async #takeRecords({ paths, store }: CommittedPartition): Promise<void> {
    const state = store.state();
    await this.#takeFile("unmatched", paths.unmatched, state?.unmatched);
    await this.#takeFile("conflicts", paths.conflicts, state?.conflicts);
  }

  async #takeFile(name: "unmatched" | "conflicts", path: string, committed: CommittedFile | undefined): Promise<void> {
    if (!existsSync(path) || committed === undefined || committed.length === 0) return;
    let isHeader = true;
    for await (const rows of ownRecords(createReadStream(path, { end: committed.length - 1 }))) {
      for (const { cells } of rows) {
        if (!isHeader) this.#takeRecord(name, cells);
        isHeader = false;
      }
      // Else the whole file would be held as one string.
      for (const { state } of this.#joins) state[name].write();
    }
  }

  #takeRecord(name: "unmatched" | "conflicts", cells: readonly string[]): void {
    const [id = "", field = ""] = cells;
    for (const [{ state }] of this.#dividedRows(Ids.of([id]))) {
      state[name].stage(cells);
      if (field === CORRECTION_FIELD) state.corrections.countBefore({ [name]: 1 });
      else state.balance[field === "y_true" ? "y_true" : "y_pred"][name] += 1;
    }
  }

  /** Rows of which no id is known are counted in the first partition. */
  #takeCounts({ store }: CommittedPartition): void {
    const state = store.state();
    const [first] = this.#joins;
    if (state === undefined || first === undefined) return;
    for (const side of SIDES) {
      const { duplicates, deadLettered } = state.balance[side];
      const balance = first.state.balance[side];
      balance.duplicates += duplicates;
      balance.deadLettered += deadLettered;
    }
    const { duplicates, deadLettered } = state.correctionBalance;
    first.state.corrections.countBefore({ duplicates, deadLettered });
  }

  /** Lets commits take all frames. Little time passes, so that hardly a half expires. */
  #settle(): void {
    while (this.#joins.some(({ cycle }) => cycle.untaken > 0)) this.#clock.jumpTo(this.#clock.now() + SETTLED_MS);
  }

  /** Lets time pass until the halves that wait in memory are in the store, as long as they become fewer. */
  #settleAll(): void {
    this.#settle();
    for (let left = SPILLED_MS; left > 0; left -= 1_000) this.#clock.jumpTo(this.#clock.now() + 1_000);
    for (let before = Infinity; this.unsettled > 0 && this.unsettled < before;) {
      before = this.unsettled;
      this.#clock.jumpTo(this.#clock.now() + 1_000);
    }
  }

  /** Stores what was staged and counted beside the commits. */
  #commit({ state }: OpenJoin): void {
    const { store, monitor, records, log, unmatched, conflicts, corrections, pending } = state;
    // The commits before count what they have taken themselves.
    for (const side of SIDES) {
      const balance = state.balance[side];
      const { logged, unmatched: gone, deadLettered, duplicates, conflicts: refused } = balance;
      balance.received = logged + pending.counts[side] + gone + deadLettered + duplicates + refused;
    }
    store.commit(() => {
      monitor.begin(this.#clock.now(), 0);
      log.finishPart(this.#clock.now(), () => undefined);
      log.write();
      unmatched.write();
      conflicts.write();
      corrections.write();
      return commitOf(state, { monitor: monitor.write(records), alarms: undefined }, undefined);
    });
  }

  /** Frames of halves that were not stored, which must be none. */
  get unsettled(): number {
    return this.#joins.reduce((sum, { cycle, state: { rooms } }) => sum + cycle.untaken + rooms.y_true.size + rooms.y_pred.size, 0);
  }

  /** Closes the files; when it resolves they are on the disk. */
  async close(): Promise<void> {
    for (const join of this.#joins) await join.close();
    const { logsDir, lane, to } = this.#options;
    for (const partition of LanePartition.all(lane, to)) {
      const paths = lanePaths(logsDir, partition);
      const { state } = paths;
      for (const path of [...filesOfLane(paths).filter((each) => each !== state), join(state, "data.mdb")]) syncFile(path);
      syncFolder(state);
    }
    syncFolder(logsDir);
    syncFolder(join(logsDir, ".state"));
  }
}

/**
 * The index of each new log knows all its ids, else a correction of an early line would find none. The hashes of ids divide them evenly; what is
 * beyond the even share fits into a second generation.
 */
function generationIdsFor({ lines, to, generationIds = GENERATION_IDS }: DivisionOptions): number {
  return Math.max(generationIds, Math.ceil((1.1 * lines) / to));
}

function syncFile(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

type OfHalves = Partial<Pick<HalfFrame, "model" | "eventTimes" | "halfWidths" | "codes" | "correction">>;

function frameOf(side: Side, ids: Ids, values: Float64Array, receivedAt: number, { model = "", ...more }: OfHalves = {}): HalfFrame {
  return new HalfFrame({
    side,
    ids,
    values,
    model,
    unit: "",
    eventTimes: undefined,
    ...more,
    receivedAt,
    origin: receivedAt,
    refused: 0,
    outcome: DONE,
    answer: () => undefined,
  });
}
