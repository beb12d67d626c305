import { NOT_COUNTED } from "../state/half-table.js";
import type { ModelNames } from "../state/model-names.js";
import type { LineRecords } from "./line-records.js";
import { PredictionTenths } from "./prediction-tenths.js";
import type { SavedMonitor } from "./saved-monitor.js";
import { Windows, type WindowsOptions } from "./windows.js";

/** Rows that are logged in one step, in the order of the log; all shapes [n]. */
export interface LoggedRows {
  readonly yTrue: Float64Array;
  readonly yPred: Float64Array;
  /** When they happened, ms since 1970. */
  readonly eventTimes: Float64Array;
  /** When their labels came in, ms since 1970. */
  readonly labelledAt: Float64Array;
  /** When the latest of their predictions came in, ms since 1970. */
  readonly predictedAt: number;
  /** The tenths of predictions that were counted when they were stored; `NOT_COUNTED` for the others. */
  readonly tenths: Uint8Array;
  /** The model of all of them, or of the i-th. */
  readonly model: string | ((i: number) => string);
}

/** Clocks of two machines may differ by so much, in ms, before an event time counts as in the future. */
const CLOCK_SKEW_MS = 60_000;

export interface MonitorOptions extends Omit<WindowsOptions, "referenceMae" | "watermark"> {
  readonly records: LineRecords;
  readonly names: ModelNames;
  /** Rows of the reference of a model version. */
  readonly referenceRows: number;
  /** As it was committed last; undefined in a new store. */
  readonly saved: SavedMonitor | undefined;
  /** Now, ms since 1970; the epoch of a new store. */
  readonly now: number;
  /** Lines of the log. */
  readonly lines: number;
}

/**
 * What is known of the errors over time. The join tells it of predictions as it settles them and of lines in the order of the log, all
 * within a commit. After a failed commit it no longer agrees with the store: discard it.
 */
export class Monitor {
  readonly windows: Windows;
  readonly #records: LineRecords;
  readonly #names: ModelNames;
  readonly #tenths: PredictionTenths;
  readonly #epoch: number;
  readonly #firstLine: number;
  #commits: number;
  #future: number;
  #old: number;
  /** The time of the current commit, ms since 1970. */
  #now: number;

  constructor({ records, names, referenceRows, saved, now, lines, ...options }: MonitorOptions) {
    const { epoch = now, firstLine = lines, commits = 0, watermark = -Infinity, future = 0, old = 0, references = [] } = saved ?? {};
    this.#records = records;
    this.#names = names;
    this.#tenths = new PredictionTenths(referenceRows, references);
    this.#epoch = epoch;
    this.#firstLine = firstLine;
    this.#commits = commits;
    this.#future = future;
    this.#old = old;
    this.#now = now;
    this.windows = new Windows({ ...options, watermark, referenceMae: (model) => this.#tenths.maeOf(model) });
  }

  /** Rows whose event time was out of the ordinary. */
  get oddTimes(): { readonly future: number; readonly old: number } {
    return { future: this.#future, old: this.#old };
  }

  /** See `SavedMonitor.epoch`. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Begins a commit. @param now - ms since 1970. */
  begin(now: number): void {
    this.#now = now;
    this.#commits += 1;
  }

  /** A prediction is stored until its label comes. @param at - when it came in, ms since 1970. @returns its tenth, to be stored with it. */
  predicted(model: string, yPred: number, eventTime: number, at: number): number {
    const tenth = this.#tenths.add(model, yPred);
    this.windows.predict(eventTime, tenth, at);
    if (eventTime > this.#now + CLOCK_SKEW_MS) this.#future += 1;
    else this.windows.advanceTo(eventTime);
    if (eventTime < this.windows.oldest) this.#old += 1;
    return tenth;
  }

  /** A stored prediction was found to be a copy of one that is logged. */
  retracted(eventTime: number, tenth: number): void {
    if (tenth !== NOT_COUNTED) this.windows.retract(eventTime, tenth);
  }

  /** A stored prediction waited too long for its label. */
  expired(eventTime: number, tenth: number): void {
    if (tenth !== NOT_COUNTED) this.windows.expire(eventTime);
  }

  /** Rows were logged. @param skipped - those that were not, ascending. */
  logged(rows: LoggedRows, skipped: readonly { readonly row: number }[]): void {
    const { yTrue, yPred, eventTimes, labelledAt, predictedAt, tenths, model } = rows;
    let nextSkipped = 0;
    for (let row = 0; row < yTrue.length; row += 1) {
      const eventTime = eventTimes[row] ?? 0;
      let tenth = tenths[row] ?? NOT_COUNTED;
      if (skipped[nextSkipped]?.row === row) {
        nextSkipped += 1;
        this.retracted(eventTime, tenth);
        continue;
      }
      const name = typeof model === "string" ? model : model(row);
      const [truth, prediction, labelled] = [yTrue[row] ?? 0, yPred[row] ?? 0, labelledAt[row] ?? 0];
      if (tenth === NOT_COUNTED) tenth = this.predicted(name, prediction, eventTime, predictedAt);
      this.#tenths.addError(name, Math.abs(truth - prediction));
      this.windows.label(eventTime, truth, prediction, labelled, name, tenth);
      this.#records.stage(eventTime, labelled, this.#commits, this.#names.numberOf(name), tenth);
    }
  }

  /** Writes the records of the lines durably, and stores the windows. */
  write(): void {
    this.#records.write();
    this.windows.write();
  }

  save(): SavedMonitor {
    return {
      version: 1,
      epoch: this.#epoch,
      firstLine: this.#firstLine,
      recordsLength: this.#records.length,
      commits: this.#commits,
      watermark: this.windows.watermark,
      future: this.#future,
      old: this.#old,
      references: this.#tenths.save(),
    };
  }
}
