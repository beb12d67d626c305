import { Intervals } from "../intervals/intervals.js";
import { NOT_COUNTED } from "../state/half-table.js";
import type { NumberedNames } from "../state/numbered-names.js";
import type { PairGrids } from "../state/pair-grids.js";
import { EVENT, type MonitorEvent, type NamedRow } from "./journal.js";
import type { FeatureTables } from "../state/feature-tables.js";
import type { RowCode } from "../state/row-code.js";
import { NewCodes, type CodeRecords } from "./code-records.js";
import { FeatureWindows } from "./feature-windows.js";
import { NewRecords, type LineRecord, type LineRecords } from "./line-records.js";
import { PredictionTenths } from "./prediction-tenths.js";
import type { SavedMonitor } from "./saved-monitor.js";
import { Windows, type RestatedRow, type WindowsOptions } from "./windows.js";

/** A logged row whose label is corrected. */
export interface CorrectedRow extends NamedRow {
  /** Its label in the log. */
  readonly first: number;
  readonly yPred: number;
}

/** Clocks of two machines may differ by so much, in ms, before an event time counts as in the future. */
const CLOCK_SKEW_MS = 60_000;

export interface MonitoredRowsOptions extends Omit<WindowsOptions, "referenceOf" | "gridOf" | "watermark"> {
  readonly names: NumberedNames;
  readonly grids: PairGrids;
  readonly featureTables: FeatureTables;
  /** Rows of the reference of a model version. */
  readonly referenceRows: number;
  /** As it was stored last; undefined in a new store. */
  readonly saved: SavedMonitor | undefined;
}

/**
 * What each prediction, label and correction changes in memory: windows, references of model versions, and the records of lines. An event of the
 * journal changes the same, in the same way, as the rows did when they came.
 */
export class MonitoredRows {
  readonly windows: Windows;
  /** Rows by the bins of their features. */
  readonly features: FeatureWindows;
  readonly tenths: PredictionTenths;
  /** The widths of the intervals that are announced with predictions. */
  readonly intervals: Intervals;
  /** Of the lines since the windows were stored; after a crash they follow from the journal. */
  readonly records = new NewRecords();
  /** The same lines. */
  readonly codes = new NewCodes();
  readonly #names: NumberedNames;
  /** The time of the current commit, ms since 1970. */
  #now = 0;
  #future: number;
  #old: number;

  constructor({ names, grids, featureTables, referenceRows, retentionMs, coverage, saved, table }: MonitoredRowsOptions) {
    const { watermark = -Infinity, future = 0, old = 0, references = [] } = saved ?? {};
    this.#names = names;
    this.tenths = new PredictionTenths(saved?.referenceRows ?? referenceRows, grids, references);
    this.intervals = new Intervals(coverage, saved?.intervals);
    this.#future = future;
    this.#old = old;
    this.features = new FeatureWindows(featureTables, names, watermark);
    this.windows = new Windows({
      table,
      retentionMs: saved?.retentionMs ?? retentionMs,
      coverage: this.intervals.coverage,
      watermark,
      referenceOf: (model) => this.tenths.referenceOf(model),
      gridOf: (model) => grids.of(model),
    });
  }

  /** Predictions whose event time was later than they came, and those before the kept minute windows. */
  get oddTimes(): { readonly future: number; readonly old: number } {
    return { future: this.#future, old: this.#old };
  }

  /** Begins a commit. @param now - ms since 1970. */
  begin(now: number): void {
    this.#now = now;
  }

  /** Ends a commit. */
  end(): void {
    this.intervals.endCommit(this.#now);
    this.windows.endCommit();
    this.features.endCommit(this.windows.watermark);
  }

  /** What comes from now on comes under these settings. */
  set({ referenceRows, retentionMs, coverage }: Pick<MonitoredRowsOptions, "referenceRows" | "retentionMs" | "coverage">): void {
    this.tenths.rows = referenceRows;
    this.windows.retentionMs = retentionMs;
    this.windows.coverage = coverage;
    this.intervals.setCoverage(coverage);
  }

  /** Changes what an event of the journal changed when it happened. */
  apply(event: MonitorEvent): void {
    const { kind, tenth, model, eventTime, predictedAt, labelledAt, yTrue, yPred, halfWidth, row, code, isPaired } = event;
    const name = this.#names.nameOf(model);
    switch (kind) {
      case EVENT.predicted:
        this.predict(name, model, yPred, eventTime, predictedAt, code);
        break;
      case EVENT.pair:
        this.pair(name, model, eventTime, predictedAt, labelledAt, yTrue, yPred, halfWidth, code, isPaired);
        this.#rankAgain(row, eventTime, name, yTrue, yPred);
        break;
      case EVENT.labelled:
        this.label(name, model, tenth, eventTime, predictedAt, labelledAt, yTrue, yPred, halfWidth, code, isPaired);
        this.#rankAgain(row, eventTime, name, yTrue, yPred);
        break;
      case EVENT.expired:
        this.expire(eventTime, tenth);
        break;
      case EVENT.retracted:
        this.retract(eventTime, tenth, model, code);
        break;
      case EVENT.corrected:
        if (row !== undefined)
          this.windows.correct(predictedAt, { ...row, eventTime, model: name, first: labelledAt, yTrue, yPred }, tenth, halfWidth);
        if (code !== undefined) this.features.correct(code, model, eventTime, yPred - predictedAt, yPred - yTrue, isPaired);
        break;
      case EVENT.refused:
        if (row !== undefined) this.windows.offer({ ...row, eventTime, model: name, first: labelledAt, yTrue: predictedAt, yPred }, yTrue);
        break;
    }
  }

  /** The journal names a row that had a place; that of an earlier version, which kept fewer, left out rows that would have one now. */
  #rankAgain(row: NamedRow | undefined, eventTime: number, model: string, yTrue: number, yPred: number): void {
    if (row !== undefined) this.windows.rank(row, eventTime, model, yTrue, yPred);
    else if (this.windows.mayBeWorst) this.windows.miss();
  }

  /** Counts a prediction. @param model - the number of the version. @param at - when it came in, ms since 1970. @returns its tenth. */
  predict(name: string, model: number, yPred: number, eventTime: number, at: number, code: RowCode | undefined): number {
    const tenth = this.tenths.add(name, yPred);
    this.windows.predict(eventTime, tenth, at);
    if (code !== undefined) this.features.predict(code, model, eventTime);
    this.#lookAt(eventTime);
    return tenth;
  }

  /** Takes back a prediction. @param tenth - as it was counted. @param model - the number of the version. @returns whether it was. */
  retract(eventTime: number, tenth: number, model: number, code: RowCode | undefined): boolean {
    if (tenth === NOT_COUNTED) return false;
    this.windows.retract(eventTime, tenth);
    if (code !== undefined) this.features.predict(code, model, eventTime, -1);
    return true;
  }

  /** Counts a prediction whose label did not come in time. @param tenth - as it was counted. @returns whether it was. */
  expire(eventTime: number, tenth: number): boolean {
    if (tenth === NOT_COUNTED) return false;
    this.windows.expire(eventTime);
    return true;
  }

  /** Counts a prediction and its label, which are logged together. @param model - the number of the version. @returns its tenth. */
  pair(
    name: string,
    model: number,
    eventTime: number,
    predictedAt: number,
    labelledAt: number,
    yTrue: number,
    yPred: number,
    halfWidth: number,
    code: RowCode | undefined,
    isPaired: boolean,
  ): number {
    const tenth = this.tenths.add(name, yPred);
    this.tenths.addError(name, Math.abs(yTrue - yPred));
    this.windows.pair(eventTime, yTrue, yPred, predictedAt, labelledAt, name, tenth, halfWidth);
    this.intervals.add(name, this.windows.lastError, halfWidth, predictedAt);
    this.#lookAt(eventTime);
    this.records.add(eventTime, labelledAt, halfWidth, model, tenth);
    this.codes.add(code);
    if (code !== undefined) {
      this.features.predict(code, model, eventTime);
      this.features.label(code, model, eventTime, yPred - yTrue, isPaired);
    }
    return tenth;
  }

  /** Counts the label of a prediction that was counted, with its tenth. @param model - the number of the version. */
  label(
    name: string,
    model: number,
    tenth: number,
    eventTime: number,
    predictedAt: number,
    labelledAt: number,
    yTrue: number,
    yPred: number,
    halfWidth: number,
    code: RowCode | undefined,
    isPaired: boolean,
  ): void {
    this.tenths.addError(name, Math.abs(yTrue - yPred));
    this.windows.label(eventTime, yTrue, yPred, labelledAt, name, tenth, halfWidth);
    this.intervals.add(name, this.windows.lastError, halfWidth, predictedAt);
    this.records.add(eventTime, labelledAt, halfWidth, model, tenth);
    this.codes.add(code);
    if (code !== undefined) this.features.label(code, model, eventTime, yPred - yTrue, isPaired);
  }

  #lookAt(eventTime: number): void {
    if (eventTime > this.#now + CLOCK_SKEW_MS) this.#future += 1;
    else this.windows.advanceTo(eventTime);
    if (eventTime < this.windows.oldest) this.#old += 1;
  }

  /** The record of a line. @param stored - those of the lines before `records`. */
  recordOf({ line }: NamedRow, stored: LineRecords): LineRecord | undefined {
    return stored.at(line) ?? this.records.at(line - stored.end);
  }

  /** The codes of a line. @param stored - those of the lines before `codes`. */
  codeOf({ line }: NamedRow, stored: CodeRecords): RowCode | undefined {
    return line < stored.end ? stored.at(line) : this.codes.at(line - stored.end);
  }

  /** Takes the lines since the windows were stored as stored. */
  clearLines(): void {
    this.records.clear();
    this.codes.clear();
  }

  /** A corrected row, as windows restate it. @param yTrue - its label in force. */
  restated(row: CorrectedRow, { eventTime, model }: LineRecord, yTrue: number): RestatedRow {
    return { ...row, eventTime, model: this.#names.nameOf(model), yTrue };
  }
}
