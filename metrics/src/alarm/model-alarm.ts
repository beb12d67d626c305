import type { HeldOutError } from "@streamgauge/core";
import type { AlarmRows } from "./alarm-rows.js";
import type { AlarmSettings } from "./alarm-settings.js";
import { heldOutBaseline, loggedBaseline, type Baseline } from "./baseline.js";
import { hourOfWeek, HOURS, WEEK_MS } from "./hour-of-week.js";
import { meanInterval } from "./mean-interval.js";
import type { AlarmKind, RaisedAlarm } from "./raised-alarm.js";
import { Reference } from "./reference.js";
import { RowRate } from "./row-rate.js";
import { SharperBaseline } from "./sharper-baseline.js";
import { BETTER_LIMIT, PIECE_ROWS, Watch, type Change } from "./watch.js";

/** A reference holds at least this many errors above 0: fewer do not determine the mean. */
const LEAST_NON_ZERO = 10;
/** A reference that does not say enough goes on for a tenth of its rows before the next look, and ends at so many times the rows of the setting. */
const LOOK_AGAIN = 1.1;
const MOST_REFERENCES = 100;
/** N while the rate of rows is not known. */
const EVERY_AT_FIRST = 100_000;
/** An alarm is over after so many times the rows that it took, without another one; at least this many. */
const QUIET = 4;
const LEAST_QUIET = 1_000;

/** Where the numbers of the model itself stand in its state. */
const SEEN = 0;
const LIMIT = 1;
const DONE_AT_ROW = 2;
const FIRST_TIME = 3;
const LATEST_TIME = 4;
const NEXT_LOOK = 5;
const QUIET_AT = { worse: 6, better: 7 } as const;
const LAST_MEANS_AT = { worse: 8, better: 10 } as const;
/** The alarm of a kind that was raised last: the row that raised it. */
const LAST_ROW_AT = { worse: 12, better: 13 } as const;
/** Doubles in the numbers of a model. */
export const MODEL_DOUBLES = 14;

/** The state of an alarm, in place. */
export interface ModelAlarmState {
  readonly numbers: Float64Array;
  readonly reference: Float64Array;
  readonly rate: Float64Array;
  readonly watch: Float64Array;
  readonly sharper: Float64Array;
}

/** The means of the alarm of a kind that was raised last. */
export interface LastMeans {
  readonly before: number;
  readonly since: number;
}

/**
 * The alarm of one version of a model: it takes the first rows as a reference, and then watches whether the mean error is worse or
 * better. All its numbers follow from the rows in their order, however they are cut into calls, and from the settings.
 */
export class ModelAlarm {
  readonly #numbers = new Float64Array(MODEL_DOUBLES);
  readonly #reference: Reference;
  readonly #rate = new RowRate();
  readonly #watch = new Watch();
  readonly #sharper = new SharperBaseline();
  readonly #settings: AlarmSettings;
  readonly #heldOut: HeldOutError | undefined;
  #baseline: Baseline | undefined;
  /** The baseline with what the rows behind the reference add. */
  #sharpened: Baseline | undefined;
  #blockRows = 1;
  /** Set if the rate of rows matters. */
  #now: number | undefined;

  /** @param heldOut - the model's own figure, in place of its first rows. With seasons it is not used: it is not known by hour. */
  constructor(settings: AlarmSettings, heldOut?: HeldOutError) {
    this.#settings = settings;
    this.#heldOut = this.#seasonal ? undefined : heldOut;
    this.#reference = new Reference(this.#seasonal ? HOURS : 0);
    this.#numbers[LIMIT] = "rows" in settings.every ? settings.every.rows : EVERY_AT_FIRST;
    this.#numbers[FIRST_TIME] = this.#numbers[LATEST_TIME] = Number.NaN;
    this.#setBaseline();
  }

  /** Everything that it knows besides the settings: saved and restored bit by bit. After a restoration call `restored`. */
  get state(): ModelAlarmState {
    return {
      numbers: this.#numbers,
      reference: this.#reference.state,
      rate: this.#rate.state,
      watch: this.#watch.state,
      sharper: this.#sharper.state,
    };
  }

  get #seasonal(): boolean {
    return this.#settings.season === "hour-of-week";
  }

  /** The baseline; undefined while the reference is gathered. */
  get baseline(): Baseline | undefined {
    return this.#baseline;
  }

  /** What rows are watched by now: the baseline with what the rows behind the reference add; undefined while there is none. */
  get sharpened(): Baseline | undefined {
    return this.#sharpened;
  }

  /** Rows of the model so far. */
  get seen(): number {
    return this.#numbers[SEEN] ?? 0;
  }

  /** The row of the log with which the reference ended; 0 while it is gathered. */
  get referenceUntilRow(): number {
    return this.#numbers[DONE_AT_ROW] ?? 0;
  }

  /** N: rows between two false alarms of the kind "worse"; 100,000 while a rate of rows is not known. */
  get every(): number {
    return this.#numbers[LIMIT] ?? EVERY_AT_FIRST;
  }

  /** Rows that are watched together because they depend on each other; 1 if they do not. */
  get blockRows(): number {
    return this.#blockRows;
  }

  /** Whether an alarm is on. */
  isOn(kind: AlarmKind): boolean {
    return this.seen < (this.#numbers[QUIET_AT[kind]] ?? 0);
  }

  /** The row that raised the last alarm of a kind, and its means; undefined if there was none. */
  last(kind: AlarmKind): ({ readonly row: number } & LastMeans) | undefined {
    const row = this.#numbers[LAST_ROW_AT[kind]] ?? 0;
    const [before = 0, since = 0] = this.#numbers.subarray(LAST_MEANS_AT[kind]);
    return row === 0 ? undefined : { row, before, since };
  }

  /** Computes what follows from the restored numbers. */
  restored(): void {
    const { every } = this.#settings;
    if ("rows" in every) this.#numbers[LIMIT] = every.rows;
    this.#setBaseline();
  }

  /**
   * Takes in rows.
   *
   * @param now - ms since 1970: for the rate of rows, a later event time counts as now. @returns the alarms that they raise, in order.
   */
  add(rows: AlarmRows, now: number): RaisedAlarm[] {
    const raised: RaisedAlarm[] = [];
    if ("ms" in this.#settings.every) this.#now = now;
    const { length } = rows.errors;
    for (let from = 0; from < length;) {
      // Pieces end at fixed rows of the model, so that nothing depends on how rows are cut into calls.
      const end = Math.min(length, from + PIECE_ROWS - (this.seen % PIECE_ROWS));
      const learnt = this.referenceUntilRow === 0 ? this.#learn(rows, from, end) : undefined;
      const to = learnt?.to ?? end;
      // Without a held-out figure, rows of the reference are not watched.
      if (this.#sharpened === undefined) this.#count(rows, from, to);
      else this.#watchRows(rows, from, to, this.#sharpened, raised);
      if (learnt?.isComplete === true) this.#endReference(rows.rows[to - 1] ?? 0);
      if (this.seen % PIECE_ROWS === 0) this.#lookAround();
      from = to;
    }
    return raised;
  }

  /** Adds rows to the reference, up to the one that completes it. @returns behind the last one. */
  #learn({ errors, times }: AlarmRows, from: number, to: number): { readonly to: number; readonly isComplete: boolean } {
    const numbers = this.#numbers;
    const reference = this.#reference;
    for (let at = from; at < to; at += 1) {
      const time = times[at] ?? Number.NaN;
      if (Number.isNaN(numbers[FIRST_TIME] ?? 0)) numbers[FIRST_TIME] = time;
      if (time > (numbers[LATEST_TIME] ?? 0) || Number.isNaN(numbers[LATEST_TIME] ?? 0)) numbers[LATEST_TIME] = time;
      const error = errors[at] ?? 0;
      reference.add(error >= 0 ? error : Infinity, this.#seasonal ? hourOfWeek(time) : undefined);
      if (this.#hasReference()) return { to: at + 1, isComplete: true };
    }
    return { to, isComplete: false };
  }

  /** Freezes the reference. @param row - of the log, with which it ends. */
  #endReference(row: number): void {
    this.#numbers[DONE_AT_ROW] = row;
    // From here on rows may be watched in blocks.
    this.#watch.restart();
    // Of rows that depend on each other, and of hours that differ, more rows do not say so much more.
    if (!this.#seasonal && this.#reference.blockRows === 1) this.#sharper.begin(this.#reference.all);
    this.#setBaseline();
    this.#setLimit();
  }

  #lookAround(): void {
    this.#setLimit();
    if (this.#sharper.look()) this.#setBaseline();
  }

  #hasReference(): boolean {
    const numbers = this.#numbers;
    const reference = this.#reference;
    const { referenceRows } = this.#settings;
    const { rows, nonZero } = reference;
    if (rows < referenceRows || nonZero < LEAST_NON_ZERO) return false;
    // Rows without times have no seasons to wait for.
    if (this.#seasonal && (numbers[LATEST_TIME] ?? 0) - (numbers[FIRST_TIME] ?? 0) < WEEK_MS) return false;
    // A model that was right for longer than the reference lasts: what comes now may be a change already.
    if (nonZero === LEAST_NON_ZERO || rows >= MOST_REFERENCES * referenceRows) return true;
    if (rows < (numbers[NEXT_LOOK] ?? 0)) return false;
    numbers[NEXT_LOOK] = rows * LOOK_AGAIN;
    return reference.isEnough;
  }

  #count(rows: AlarmRows, from: number, to: number): void {
    if (this.#now !== undefined) for (let i = from; i < to; i += 1) this.#rate.add(Math.min(rows.times[i] ?? Number.NaN, this.#now));
    this.#numbers[SEEN] = this.seen + to - from;
  }

  /** Watches rows `from .. to`, at most `PIECE_ROWS`. */
  #watchRows(rows: AlarmRows, from: number, to: number, baseline: Baseline, raised: RaisedAlarm[]): void {
    const options = { baseline, blockRows: this.#blockRows, every: this.every };
    for (let at = from; at < to;) {
      const { taken, kind } = this.#watch.take(rows, at, to, options);
      if (!this.isOn("worse") && !this.isOn("better")) this.#sharper.add(rows.errors, at, at + taken);
      this.#count(rows, at, at + taken);
      at += taken;
      if (kind === undefined) continue;
      raised.push(this.#raised(kind, rows, at - 1, baseline));
      this.#watch.restart();
    }
  }

  #raised(kind: AlarmKind, rows: AlarmRows, at: number, baseline: Baseline): RaisedAlarm {
    const change = this.#watch.change(kind);
    const { count, sum, squares } = change.since;
    const interval = meanInterval(count, sum, squares);
    const again = this.isOn(kind);
    const row = rows.rows[at] ?? 0;
    const means = { before: meanBefore(change, baseline), since: sum / count };
    this.#keepOn(kind, count, row, means);
    return {
      kind,
      row,
      time: rows.times[at] ?? Number.NaN,
      sinceRow: change.row,
      sinceTime: change.time,
      rowsSince: count,
      meanBefore: means.before,
      meanSince: means.since,
      meanSinceLow: interval?.low ?? Number.NaN,
      meanSinceHigh: interval?.high ?? Number.NaN,
      baseline: (kind === "worse" ? baseline.worse : baseline.better?.m) ?? Number.NaN,
      every: kind === "worse" ? this.every : this.every * BETTER_LIMIT,
      again,
    };
  }

  #keepOn(kind: AlarmKind, rowsSince: number, row: number, { before, since }: LastMeans): void {
    this.#numbers.set([before, since], LAST_MEANS_AT[kind]);
    this.#numbers[LAST_ROW_AT[kind]] = row;
    this.#numbers[QUIET_AT[kind]] = this.seen + Math.max(LEAST_QUIET, QUIET * rowsSince);
    this.#numbers[QUIET_AT[kind === "worse" ? "better" : "worse"]] = 0;
  }

  #setLimit(): void {
    const { every } = this.#settings;
    if ("rows" in every) return;
    const rows = this.#rate.rowsIn(every.ms);
    this.#numbers[LIMIT] = rows === undefined ? EVERY_AT_FIRST : Math.max(PIECE_ROWS, rows);
  }

  #setBaseline(): void {
    const { tolerance } = this.#settings;
    const isDone = this.referenceUntilRow > 0;
    this.#blockRows = isDone ? this.#reference.blockRows : 1;
    if (this.#heldOut !== undefined) this.#baseline = heldOutBaseline(this.#heldOut, tolerance, isDone ? this.#reference : undefined);
    else this.#baseline = isDone ? loggedBaseline(this.#reference, tolerance, this.#seasonal) : undefined;
    this.#sharpened = this.#baseline === undefined ? undefined : this.#sharper.of(this.#baseline, tolerance);
  }
}

/** The mean error of the rows before a change, with those of the reference if they were logged. */
function meanBefore({ before }: Change, { source, rows, mean }: Baseline): number {
  if (source === "held-out") return before.count === 0 ? mean : before.sum / before.count;
  return (rows * mean + before.sum) / (rows + before.count);
}
