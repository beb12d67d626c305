import { ErrorStatistics, Ids, type Correction } from "@streamgauge/core";
import { hashIds, type IdHashes } from "../log/id-hash.js";
import type { AlreadyLogged, MetricLog, NumberedLine, Pairs } from "../log/metric-log.js";
import type { RecordFile } from "../log/record-file.js";
import type { LineRecords } from "../monitoring/line-records.js";
import type { Monitor } from "../monitoring/monitor.js";
import type { CorrectedRow } from "../monitoring/monitored-rows.js";
import { CountingBloomFilter } from "../state/counting-bloom-filter.js";
import { REPLACED_FORMAT, type CorrectionBalance, type SavedReplaced } from "../state/saved-state.js";
import { includes, inForceOf, MOST_REMEMBERED, settleCorrection, withLabel } from "./correction-history.js";
import type { CorrectionTable } from "../state/correction-table.js";
import type { WaitingCorrection } from "../state/saved-corrections.js";

/** Columns of `corrections.csv`: labels that took the place of others, in their order. */
export const CORRECTION_COLUMNS = ["id", "old", "new", "time", "who"];
/** In the files for halves, the name of the field. */
export const CORRECTION_FIELD = "correction";

/** Labels of one message that correct earlier ones; shapes [n]. */
export interface CorrectionFrame {
  readonly ids: Ids;
  readonly hashes: IdHashes;
  readonly values: Float64Array;
  readonly correction: Correction | undefined;
  /** ms since 1970. */
  readonly receivedAt: number;
  /** Refused rows of the message, which are not in `ids`. */
  readonly refused: number;
}

/** One correction. */
interface OneCorrection extends WaitingCorrection {
  readonly id: string;
  readonly receivedAt: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface CorrectionsOptions {
  readonly table: CorrectionTable;
  readonly log: MetricLog;
  readonly monitor: Monitor;
  readonly lineRecords: LineRecords;
  /** `corrections.csv`, and the files of halves that found no partner, and that were refused. */
  readonly records: RecordFile;
  readonly unmatched: RecordFile;
  readonly conflicts: RecordFile;
  /** As it was committed last; undefined in a new store. */
  readonly balance: CorrectionBalance | undefined;
  readonly saved: SavedReplaced | undefined;
  /** Whether the store has statistics of another log, which the next commit replaces. */
  readonly isOfOtherLog: boolean;
}

/**
 * The corrections of labels. They lie on top of the log, whose lines stay: a correction changes `corrections.csv`, the windows of its row,
 * and the overall figures as corrected, in the commit that settles it. One of an id that is not logged waits until it is.
 *
 * All changes belong to a commit. After a failed one this object no longer agrees with the store: discard it.
 */
export class Corrections {
  readonly #options: CorrectionsOptions;
  readonly #balance: Mutable<CorrectionBalance>;
  readonly #replaced = new ErrorStatistics();
  readonly #replacing = new ErrorStatistics();
  #hasNewStatistics = false;
  /** Whether any logged label was ever corrected. */
  #hasHistories: boolean;
  #waiting = 0;
  /** Of the ids that wait; made when one does. */
  #filter: CountingBloomFilter | undefined;

  constructor(options: CorrectionsOptions) {
    const { table, records, balance, saved, isOfOtherLog } = options;
    this.#options = options;
    this.#hasNewStatistics = isOfOtherLog;
    if (saved !== undefined) {
      this.#replaced.merge(saved.replaced);
      this.#replacing.merge(saved.replacing);
    }
    for (const { id, count } of table.allWaiting()) this.#expect(id, count);
    this.#hasHistories = table.correctedIds > 0;
    const { duplicates = 0, conflicts = 0, unmatched = 0, deadLettered = 0, notRestated = 0 } = balance ?? {};
    const applied = records.committed.lines;
    const received = applied + this.#waiting + duplicates + conflicts + unmatched + deadLettered;
    this.#balance = { received, applied, duplicates, conflicts, unmatched, deadLettered, notRestated };
  }

  /** What became of the corrections so far. */
  get balance(): CorrectionBalance {
    return this.#balance;
  }

  /** Counts corrections that another state has settled. */
  countBefore(counts: Partial<Pick<CorrectionBalance, "duplicates" | "conflicts" | "unmatched" | "deadLettered">>): void {
    for (const name of ["duplicates", "conflicts", "unmatched", "deadLettered"] as const) {
      this.#balance[name] += counts[name] ?? 0;
      this.#balance.received += counts[name] ?? 0;
    }
  }

  /** Corrections that wait for a label. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The pairs whose labels were replaced, and those that took their place. */
  get statistics(): { readonly replaced: ErrorStatistics; readonly replacing: ErrorStatistics } {
    return { replaced: this.#replaced, replacing: this.#replacing };
  }

  /** Settles all corrections of a message. */
  take(frame: CorrectionFrame): void {
    const { ids, hashes, values, correction, receivedAt, refused } = frame;
    const { log } = this.#options;
    this.#balance.received += ids.length + refused;
    this.#balance.deadLettered += refused;
    const { who = "", at = receivedAt } = correction ?? {};
    for (let row = 0; row < ids.length; row += 1) {
      // Files and JSON know no -0.
      const one = { id: ids.at(row), at, value: (values[row] ?? 0) + 0, who, receivedAt };
      const line = log.findNumbered(ids, hashes, row);
      if (line === undefined) this.#wait(one, hashes.low[row] ?? 0);
      else this.#settle(one, line);
    }
  }

  #settle(one: OneCorrection, line: NumberedLine): void {
    const { table, records } = this.#options;
    const key = Buffer.from(one.id);
    const before = table.history(key);
    const { verdict, history } = settleCorrection(before, line.yTrue, one);
    if (history !== before) table.putHistory(key, history);
    this.#hasHistories = true;
    const inForce = inForceOf(before, line.yTrue);
    if (verdict === "duplicate") this.#balance.duplicates += 1;
    else if (verdict === "conflict") {
      this.#refuse(one, inForce);
      this.#offer(line, inForce, one.value);
    } else {
      this.#balance.applied += 1;
      records.stage([one.id, inForce, one.value, timeOf(one.at), one.who]);
      this.#count(line, inForce, one.value);
      this.#restate(line, inForce, one.value);
    }
  }

  #refuse({ id, value, receivedAt }: OneCorrection, kept: number): void {
    this.#balance.conflicts += 1;
    this.#options.conflicts.stage([id, CORRECTION_FIELD, kept, value, "", timeOf(receivedAt)]);
  }

  #count({ yPred }: Pick<NumberedLine, "yPred">, before: number, after: number): void {
    this.#replaced.add(Float64Array.of(before), Float64Array.of(yPred));
    this.#replacing.add(Float64Array.of(after), Float64Array.of(yPred));
    this.#hasNewStatistics = true;
  }

  #restate(line: NumberedLine, before: number, after: number): void {
    const { monitor, lineRecords, log, table } = this.#options;
    if (!monitor.corrected(rowOf(line), before, after, lineRecords)) this.#balance.notRestated += 1;
    else table.addRestated({ line: line.number, afterLines: log.lines, value: after, isRefused: false });
  }

  /** Windows rank a row by the errors of all labels that it was given. */
  #offer(line: NumberedLine, inForce: number, refused: number): void {
    const { monitor, lineRecords, log, table } = this.#options;
    if (monitor.refused(rowOf(line), inForce, refused, lineRecords))
      table.addRestated({ line: line.number, afterLines: log.lines, value: refused, isRefused: true });
  }

  /** Keeps a correction until its id is logged. Of an id with too many of them the one that was made first is refused. */
  #wait(one: OneCorrection, hash: number): void {
    const { table } = this.#options;
    const key = Buffer.from(one.id);
    const { corrections = [] } = table.waiting(key) ?? {};
    if (includes(corrections, one)) {
      this.#balance.duplicates += 1;
      return;
    }
    const { at, value, who, receivedAt } = one;
    const kept = withLabel(corrections, { at, value, who });
    table.putWaiting(key, { version: 1, since: receivedAt, corrections: kept });
    if (corrections.length === 0) (this.#filter ??= new CountingBloomFilter()).add(hash);
    if (corrections.length === MOST_REMEMBERED)
      this.#refuse({ ...one, value: firstOf([...corrections, one]).value }, kept.at(-1)?.value ?? value);
    else this.#waiting += 1;
  }

  #expect(id: Buffer, count: number): void {
    const { low } = hashIds(Ids.of([id.toString("utf8")]));
    (this.#filter ??= new CountingBloomFilter()).add(low[0] ?? 0);
    this.#waiting += count;
  }

  /** Pairs were logged: settles the corrections that waited for them. @param skipped - rows that were not logged, ascending. */
  logged({ ids, hashes }: Pairs, skipped: readonly AlreadyLogged[]): void {
    let nextSkipped = 0;
    for (let row = 0; row < ids.length && this.#waiting > 0; row += 1) {
      if (skipped[nextSkipped]?.row === row) nextSkipped += 1;
      else if (this.#filter?.mayHold(hashes.low[row] ?? 0) === true) this.#settleWaiting(ids, hashes, row);
    }
  }

  #settleWaiting(ids: Ids, hashes: IdHashes, row: number): void {
    const { table, log } = this.#options;
    const id = ids.at(row);
    const key = Buffer.from(id);
    const waiting = table.waiting(key);
    const line = log.findNumbered(ids, hashes, row);
    if (waiting === undefined || line === undefined) return;
    table.removeWaiting(key);
    this.#release(hashes.low[row] ?? 0, waiting.corrections.length);
    for (const each of waiting.corrections) this.#settle({ ...each, id, receivedAt: waiting.since }, line);
  }

  #release(hash: number, count: number): void {
    this.#filter?.remove(hash);
    this.#waiting -= count;
  }

  /** When the oldest correction that may still wait came, ms since 1970; undefined if none waits. */
  oldestArrival(): number | undefined {
    return this.#waiting === 0 ? undefined : this.#options.table.oldestArrival();
  }

  /** Gives up corrections that came at `before` or earlier, of up to `limit` ids. @param reason - for the user. */
  expire(before: number, limit: number, reason: string): void {
    if (this.#waiting === 0) return;
    const { table, unmatched } = this.#options;
    for (const { id: key, waiting } of table.takeDue(before, limit)) {
      const id = key.toString("utf8");
      this.#release(hashIds(Ids.of([id])).low[0] ?? 0, waiting.corrections.length);
      for (const { value } of waiting.corrections) {
        this.#balance.unmatched += 1;
        unmatched.stage([id, CORRECTION_FIELD, value, "", timeOf(waiting.since), reason]);
      }
    }
  }

  /** Whether a label is the one in force of its logged id. @param first - the one in the log. */
  isInForce(id: string, first: number, value: number): boolean {
    return this.#hasHistories && inForceOf(this.#options.table.history(Buffer.from(id)), first) === value;
  }

  /** Takes over corrections that an earlier state had applied, of lines that the log has. Within a commit. */
  restore(id: string, { yPred }: Pick<NumberedLine, "yPred">, { at, before, after }: RestoredCorrection): void {
    const { table } = this.#options;
    const key = Buffer.from(id);
    table.putHistory(key, withLabel(table.history(key), { at, value: after }));
    this.#hasHistories = true;
    this.#count({ yPred }, before, after);
  }

  /** Writes `corrections.csv` durably. */
  write(): void {
    this.#options.records.write();
  }

  /** How far `corrections.csv` is written. */
  get committed() {
    return this.#options.records.committed;
  }

  /** What changed of the statistics since the last call; undefined if nothing did. */
  takeChanges(): SavedReplaced | undefined {
    if (!this.#hasNewStatistics) return undefined;
    this.#hasNewStatistics = false;
    return { version: REPLACED_FORMAT.version, replaced: this.#replaced.save(), replacing: this.#replacing.save() };
  }
}

/** A correction as `corrections.csv` has it. */
export interface RestoredCorrection {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

function rowOf({ id, number: line, yTrue: first, yPred }: NumberedLine): CorrectedRow {
  return { id, line, first, yPred };
}

function firstOf(corrections: readonly WaitingCorrection[]): WaitingCorrection {
  return corrections.reduce((first, each) => (each.at < first.at ? each : first));
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
