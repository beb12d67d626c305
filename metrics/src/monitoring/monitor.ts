import type { Ids } from "@streamgauge/core";
import { NOT_COUNTED } from "../state/half-table.js";
import type { JournalTable } from "../state/journal-table.js";
import type { ModelNames } from "../state/model-names.js";
import type { PairGrids } from "../state/pair-grids.js";
import { EVENT, EVENT_BYTES, Journal, readJournal, type MonitorEvent, type NamedRow } from "./journal.js";
import { NewRecords, type LineRecord, type LineRecords } from "./line-records.js";
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
  readonly ids: Ids;
}

/** A logged row whose label is corrected. */
export interface CorrectedRow extends NamedRow {
  /** Its label in the log. */
  readonly first: number;
  readonly yPred: number;
}

/** Clocks of two machines may differ by so much, in ms, before an event time counts as in the future. */
const CLOCK_SKEW_MS = 60_000;
/** Windows are stored at least so often while they change, in ms: a commit of few rows is cheaper as events in the journal. */
const STORE_EVERY_MS = 1_000;
/** Bytes of events in the journal before windows are stored. A commit of many rows stores them at once. */
const MAX_JOURNAL_BYTES = 1 << 17;

export interface MonitorOptions extends Omit<WindowsOptions, "referenceMae" | "gridOf" | "watermark"> {
  readonly journal: JournalTable;
  readonly names: ModelNames;
  readonly grids: PairGrids;
  /** Rows of the reference of a model version. */
  readonly referenceRows: number;
  /** As the windows were stored last; undefined in a new store. */
  readonly saved: SavedMonitor | undefined;
  /** Now, ms since 1970; the epoch of a new store. */
  readonly now: number;
  /** Lines of the log. */
  readonly lines: number;
}

/** The parts of a store that monitoring is read from. */
export interface MonitorStore {
  monitor(): SavedMonitor | undefined;
  readonly windows: WindowsOptions["table"];
  readonly journal: JournalTable;
  readonly modelNames: ModelNames;
  readonly pairGrids: PairGrids;
}

/**
 * What is known of the errors over time. The join tells it of predictions as it settles them and of lines in the order of the log, all
 * within a commit: these events are stored in a journal. Once a second, or after many events, the windows themselves and the records of
 * the lines are stored instead, and the journal is cleared. A start reads the windows and takes in the journal: an event changes them in
 * the same way as when it happened.
 *
 * After a failed commit it no longer agrees with the store: discard it.
 */
export class Monitor {
  readonly windows: Windows;
  readonly #table: JournalTable;
  readonly #journal = new Journal();
  readonly #names: ModelNames;
  readonly #grids: PairGrids;
  readonly #tenths: PredictionTenths;
  readonly #epoch: number;
  #firstLine: number;
  /** The number of the next line of the log, from 0. */
  #line: number;
  #commits: number;
  #future: number;
  #old: number;
  /** The time of the current commit, and of the last that stored windows; ms since 1970. */
  #now: number;
  #storedAt: number;
  /** Bytes of the journal that are stored. */
  #journalBytes = 0;
  /** Of the lines since the windows were stored; after a crash they follow from the journal. */
  readonly #records = new NewRecords();
  /** Whether the current commit is small enough for the journal. */
  #isSmall = true;
  /** Whether the journal alone no longer leads to what is here: it is repeated by what was stored before it. */
  #mustStore: boolean;

  constructor({ journal, names, grids, referenceRows, retentionMs, saved, now, lines, table }: MonitorOptions) {
    const { epoch = now, firstLine = lines, commits = 0, watermark = -Infinity, future = 0, old = 0, references = [] } = saved ?? {};
    this.#table = journal;
    this.#names = names;
    this.#grids = grids;
    this.#tenths = new PredictionTenths(saved?.referenceRows ?? referenceRows, grids, references);
    this.#epoch = epoch;
    this.#firstLine = firstLine;
    this.#line = lines;
    this.#commits = commits;
    this.#future = future;
    this.#old = old;
    this.#now = now;
    this.#storedAt = now;
    const referenceMae = (model: string) => this.#tenths.maeOf(model);
    this.windows = new Windows({
      table,
      retentionMs: saved?.retentionMs ?? retentionMs,
      watermark,
      referenceMae,
      gridOf: (model) => grids.of(model),
    });
    for (const { commit, events } of journal.list()) this.#repeat(commit, events);
    // What came before this start came under the settings of that time.
    this.#mustStore = saved?.referenceRows !== referenceRows || saved.retentionMs !== retentionMs;
    this.#tenths.rows = referenceRows;
    this.windows.retentionMs = retentionMs;
  }

  /** As it is committed in a store that is only read; undefined in the store of an earlier version. */
  static read(store: MonitorStore): Monitor | undefined {
    const saved = store.monitor();
    if (saved === undefined) return undefined;
    const { windows: table, journal, modelNames: names, pairGrids: grids } = store;
    const { retentionMs, referenceRows } = saved;
    return new Monitor({ table, journal, names, grids, retentionMs, referenceRows, saved, now: 0, lines: 0 });
  }

  #repeat(commit: number, bytes: Buffer): void {
    const { now, events } = readJournal(bytes);
    this.#commits = commit;
    this.#now = now;
    for (const event of events) this.#apply(event);
    this.windows.endCommit();
    this.#journalBytes += bytes.length;
  }

  #apply({ kind, tenth, model, eventTime, predictedAt, labelledAt, yTrue, yPred, row }: MonitorEvent): void {
    const name = this.#names.nameOf(model);
    switch (kind) {
      case EVENT.predicted:
        this.#predict(name, yPred, eventTime, predictedAt);
        break;
      case EVENT.pair:
        this.#pair(name, model, eventTime, predictedAt, labelledAt, yTrue, yPred);
        if (row !== undefined) this.windows.rank(row, eventTime, name, yTrue, yPred);
        break;
      case EVENT.labelled:
        this.#label(name, model, tenth, eventTime, labelledAt, yTrue, yPred);
        if (row !== undefined) this.windows.rank(row, eventTime, name, yTrue, yPred);
        break;
      case EVENT.expired:
        this.windows.expire(eventTime);
        break;
      case EVENT.retracted:
        this.windows.retract(eventTime, tenth);
        break;
      case EVENT.corrected:
        if (row !== undefined)
          this.windows.correct(predictedAt, { ...row, eventTime, model: name, first: labelledAt, yTrue, yPred }, tenth);
        break;
      case EVENT.refused:
        if (row !== undefined) this.windows.offer({ ...row, eventTime, model: name, first: labelledAt, yTrue: predictedAt, yPred }, yTrue);
        break;
    }
  }

  /** Rows whose event time was out of the ordinary. */
  get oddTimes(): { readonly future: number; readonly old: number } {
    return { future: this.#future, old: this.#old };
  }

  /** See `SavedMonitor.epoch`. */
  get epoch(): number {
    return this.#epoch;
  }

  /** See `SavedMonitor.firstLine`. */
  get firstLine(): number {
    return this.#firstLine;
  }

  /** Lines of the log whose records are in the journal only. */
  get journalLines(): number {
    return this.#records.count;
  }

  /** The records of the lines so far were lost: the windows stay, and cannot be counted again. */
  loseRecords(): void {
    this.#firstLine = -1;
    this.#records.clear();
    this.#mustStore = true;
  }

  /** Begins a commit. @param now - ms since 1970. @param rows - that came in: of many, events in the journal would be of no use. */
  begin(now: number, rows: number): void {
    this.#now = now;
    this.#commits += 1;
    this.#journal.begin(now);
    this.#isSmall = rows * EVENT_BYTES <= MAX_JOURNAL_BYTES;
  }

  /** Predictions of a version say what its error was on rows that it was not fitted on. Only the first one of a version counts. */
  heldOut(model: string, mae: number): void {
    // The journal does not have it.
    if (this.#tenths.hold(model, mae)) this.#mustStore = true;
  }

  /** A prediction is stored until its label comes. @param at - when it came in, ms since 1970. @returns its tenth, to be stored with it. */
  predicted(model: string, yPred: number, eventTime: number, at: number): number {
    const tenth = this.#predict(model, yPred, eventTime, at);
    if (this.#isSmall) this.#journal.add(EVENT.predicted, tenth, this.#names.numberOf(model), eventTime, at, NaN, NaN, yPred);
    return tenth;
  }

  /** A stored prediction was found to be a copy of one that is logged. */
  retracted(eventTime: number, tenth: number): void {
    if (tenth === NOT_COUNTED) return;
    this.windows.retract(eventTime, tenth);
    if (this.#isSmall) this.#journal.add(EVENT.retracted, tenth, 0, eventTime, NaN, NaN, NaN, NaN);
  }

  /** A stored prediction waited too long for its label. */
  expired(eventTime: number, tenth: number): void {
    if (tenth === NOT_COUNTED) return;
    this.windows.expire(eventTime);
    if (this.#isSmall) this.#journal.add(EVENT.expired, tenth, 0, eventTime, NaN, NaN, NaN, NaN);
  }

  /** Rows were logged. @param skipped - those that were not, ascending. */
  logged(rows: LoggedRows, skipped: readonly { readonly row: number }[]): void {
    const { ids, yTrue, yPred, eventTimes, labelledAt, predictedAt, tenths, model } = rows;
    let nextSkipped = 0;
    for (let row = 0; row < yTrue.length; row += 1) {
      const eventTime = eventTimes[row] ?? 0;
      const tenth = tenths[row] ?? NOT_COUNTED;
      if (skipped[nextSkipped]?.row === row) {
        nextSkipped += 1;
        this.retracted(eventTime, tenth);
        continue;
      }
      const name = typeof model === "string" ? model : model(row);
      const number = this.#names.numberOf(name);
      const [labelled, truth, prediction] = [labelledAt[row] ?? 0, yTrue[row] ?? 0, yPred[row] ?? 0];
      const isPair = tenth === NOT_COUNTED;
      const counted = isPair ? this.#pair(name, number, eventTime, predictedAt, labelled, truth, prediction) : tenth;
      if (!isPair) this.#label(name, number, tenth, eventTime, labelled, truth, prediction);
      if (this.windows.mayBeWorst) this.#rank({ id: ids.at(row), line: this.#line }, eventTime, name, truth, prediction);
      this.#line += 1;
      const kind = isPair ? EVENT.pair : EVENT.labelled;
      if (this.#isSmall) this.#journal.add(kind, counted, number, eventTime, predictedAt, labelled, truth, prediction);
    }
  }

  /**
   * The label of a logged row was corrected.
   *
   * @param row - which one, and its line. @param before - the label until now. @param yTrue - the one that takes its place. @param records - of the lines.
   * @returns false if the line has no record, so that no window can be restated.
   */
  corrected(row: CorrectedRow, before: number, yTrue: number, records: LineRecords): boolean {
    const record = this.#recordOf(row, records);
    if (record === undefined) return false;
    const { eventTime, model, tenth } = record;
    const { first, yPred } = row;
    this.windows.correct(before, { ...row, eventTime, model: this.#names.nameOf(model), yTrue }, tenth);
    if (this.#isSmall) this.#journal.name(row);
    if (this.#isSmall) this.#journal.add(EVENT.corrected, tenth, model, eventTime, before, first, yTrue, yPred);
    return true;
  }

  /**
   * A correction of a logged row was refused, because one that was made later is in force.
   *
   * @param inForce - the label of the row. @param refused - the value of the correction. @returns as of `corrected`.
   */
  refused(row: CorrectedRow, inForce: number, refused: number, records: LineRecords): boolean {
    const record = this.#recordOf(row, records);
    if (record === undefined) return false;
    const { eventTime, model, tenth } = record;
    const { first, yPred } = row;
    this.windows.offer({ ...row, eventTime, model: this.#names.nameOf(model), yTrue: inForce }, refused);
    if (this.#isSmall) this.#journal.name(row);
    if (this.#isSmall) this.#journal.add(EVENT.refused, tenth, model, eventTime, inForce, first, refused, yPred);
    return true;
  }

  #rank(row: NamedRow, eventTime: number, model: string, yTrue: number, yPred: number): void {
    this.windows.rank(row, eventTime, model, yTrue, yPred);
    if (this.#isSmall) this.#journal.name(row);
  }

  #recordOf({ line }: NamedRow, records: LineRecords): LineRecord | undefined {
    return records.at(line) ?? this.#records.at(line - records.end);
  }

  #predict(model: string, yPred: number, eventTime: number, at: number): number {
    const tenth = this.#tenths.add(model, yPred);
    this.windows.predict(eventTime, tenth, at);
    this.#lookAt(eventTime);
    return tenth;
  }

  #pair(name: string, model: number, eventTime: number, predictedAt: number, labelledAt: number, yTrue: number, yPred: number): number {
    const tenth = this.#tenths.add(name, yPred);
    this.#tenths.addError(name, Math.abs(yTrue - yPred));
    this.windows.pair(eventTime, yTrue, yPred, predictedAt, labelledAt, name, tenth);
    this.#lookAt(eventTime);
    this.#records.add(eventTime, labelledAt, this.#commits, model, tenth);
    return tenth;
  }

  #label(name: string, model: number, tenth: number, eventTime: number, labelledAt: number, yTrue: number, yPred: number): void {
    this.#tenths.addError(name, Math.abs(yTrue - yPred));
    this.windows.label(eventTime, yTrue, yPred, labelledAt, name, tenth);
    this.#records.add(eventTime, labelledAt, this.#commits, model, tenth);
  }

  #lookAt(eventTime: number): void {
    if (eventTime > this.#now + CLOCK_SKEW_MS) this.#future += 1;
    else this.windows.advanceTo(eventTime);
    if (eventTime < this.windows.oldest) this.#old += 1;
  }

  /** When the windows should be stored even if nothing happens, ms since 1970; undefined if they are. */
  get dueAt(): number | undefined {
    return this.#journalBytes === 0 ? undefined : this.#storedAt + STORE_EVERY_MS;
  }

  /**
   * Ends a commit: stores its events, or all that has changed.
   *
   * @param records - where the lines of the log get their records.
   * @returns what is to be stored with the windows; undefined if only the journal was written.
   */
  write(records: LineRecords): SavedMonitor | undefined {
    this.windows.endCommit();
    this.#grids.save((model) => this.#names.numberOf(model));
    const { bytes, isEmpty } = this.#journal;
    const isSmall = this.#isSmall && this.#journalBytes + bytes.length <= MAX_JOURNAL_BYTES;
    const isDue = this.#now >= (this.dueAt ?? Infinity) || this.#now < this.#storedAt;
    if (!isSmall || isDue || this.#mustStore || this.windows.mustStore) return this.store(records);
    if (isEmpty) return undefined;
    this.#table.put(this.#commits, bytes);
    this.#journalBytes += bytes.length;
    return undefined;
  }

  /** Within a commit: stores all that has changed. */
  store(records: LineRecords): SavedMonitor {
    records.append(this.#records);
    this.#records.clear();
    this.windows.store();
    this.#table.clear();
    this.#journalBytes = 0;
    this.#mustStore = false;
    this.#storedAt = this.#now;
    return this.#save(records);
  }

  #save(records: LineRecords): SavedMonitor {
    return {
      version: 1,
      epoch: this.#epoch,
      retentionMs: this.windows.retentionMs,
      referenceRows: this.#tenths.rows,
      firstLine: this.#firstLine,
      recordsLength: records.length,
      commits: this.#commits,
      watermark: this.windows.watermark,
      future: this.#future,
      old: this.#old,
      references: this.#tenths.save(),
    };
  }
}

/** The records of the lines in a journal. */
export function recordsInJournal(journal: JournalTable): LineRecord[] {
  return Array.from(journal.list()).flatMap(({ commit, events: bytes }) =>
    readJournal(bytes)
      .events.filter(({ kind }) => kind === EVENT.pair || kind === EVENT.labelled)
      .map((event) => ({ ...event, commit })),
  );
}
