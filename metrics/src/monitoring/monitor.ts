import { NOT_COUNTED } from "../state/half-table.js";
import type { JournalTable } from "../state/journal-table.js";
import type { ModelNames } from "../state/model-names.js";
import { commitTimeOf, EVENT, eventsIn, Journal, type MonitorEvent } from "./journal.js";
import type { LineRecord, LineRecords } from "./line-records.js";
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
/** Windows are stored at least so often while they change, in ms: a commit of few rows is cheaper as events in the journal. */
const STORE_EVERY_MS = 1_000;
/** Bytes of events in the journal before windows are stored. A commit of many rows stores them at once. */
const MAX_JOURNAL_BYTES = 1 << 17;

export interface MonitorOptions extends Omit<WindowsOptions, "referenceMae" | "watermark"> {
  readonly journal: JournalTable;
  readonly names: ModelNames;
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
  readonly #tenths: PredictionTenths;
  readonly #epoch: number;
  readonly #firstLine: number;
  #commits: number;
  #future: number;
  #old: number;
  /** The time of the current commit, and of the last that stored windows; ms since 1970. */
  #now: number;
  #storedAt: number;
  /** Bytes of the journal that are stored. */
  #journalBytes = 0;
  /** Lines whose records are in the journal only. */
  #journalLines = 0;
  readonly #event: MonitorEvent = {
    kind: EVENT.pair,
    tenth: 0,
    model: 0,
    eventTime: 0,
    predictedAt: 0,
    labelledAt: 0,
    yTrue: 0,
    yPred: 0,
  };

  constructor({ journal, names, referenceRows, retentionMs, saved, now, lines, table }: MonitorOptions) {
    const { epoch = now, firstLine = lines, commits = 0, watermark = -Infinity, future = 0, old = 0, references = [] } = saved ?? {};
    this.#table = journal;
    this.#names = names;
    this.#tenths = new PredictionTenths(saved?.referenceRows ?? referenceRows, references);
    this.#epoch = epoch;
    this.#firstLine = firstLine;
    this.#commits = commits;
    this.#future = future;
    this.#old = old;
    this.#now = now;
    this.#storedAt = now;
    const referenceMae = (model: string) => this.#tenths.maeOf(model);
    this.windows = new Windows({ table, retentionMs: saved?.retentionMs ?? retentionMs, watermark, referenceMae });
    for (const { commit, events } of journal.list()) this.#repeat(commit, events);
    // What came before this start came under the settings of that time.
    this.#tenths.rows = referenceRows;
    this.windows.retentionMs = retentionMs;
  }

  /** As it is committed in a store that is only read; undefined in the store of an earlier version. */
  static read(store: MonitorStore): Monitor | undefined {
    const saved = store.monitor();
    if (saved === undefined) return undefined;
    const { windows: table, journal, modelNames: names } = store;
    const { retentionMs, referenceRows } = saved;
    return new Monitor({ table, journal, names, retentionMs, referenceRows, saved, now: 0, lines: 0 });
  }

  #repeat(commit: number, events: Buffer): void {
    this.#commits = commit;
    this.#now = commitTimeOf(events);
    for (const event of eventsIn(events)) {
      this.#apply(event, this.#names.nameOf(event.model));
      if (isLine(event)) this.#journalLines += 1;
    }
    this.windows.endCommit();
    this.#journalBytes += events.length;
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
    return this.#journalLines;
  }

  /** Begins a commit. @param now - ms since 1970. */
  begin(now: number): void {
    this.#now = now;
    this.#commits += 1;
    this.#journal.begin(now);
  }

  /** A prediction is stored until its label comes. @param at - when it came in, ms since 1970. @returns its tenth, to be stored with it. */
  predicted(model: string, yPred: number, eventTime: number, at: number): number {
    return this.#take(EVENT.predicted, NOT_COUNTED, model, eventTime, at, NaN, NaN, yPred);
  }

  /** A stored prediction was found to be a copy of one that is logged. */
  retracted(eventTime: number, tenth: number): void {
    if (tenth !== NOT_COUNTED) this.#take(EVENT.retracted, tenth, "", eventTime, NaN, NaN, NaN, NaN);
  }

  /** A stored prediction waited too long for its label. */
  expired(eventTime: number, tenth: number): void {
    if (tenth !== NOT_COUNTED) this.#take(EVENT.expired, tenth, "", eventTime, NaN, NaN, NaN, NaN);
  }

  /** Rows were logged. @param skipped - those that were not, ascending. */
  logged(rows: LoggedRows, skipped: readonly { readonly row: number }[]): void {
    const { yTrue, yPred, eventTimes, labelledAt, predictedAt, tenths, model } = rows;
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
      const kind = tenth === NOT_COUNTED ? EVENT.pair : EVENT.labelled;
      this.#take(kind, tenth, name, eventTime, predictedAt, labelledAt[row] ?? 0, yTrue[row] ?? 0, yPred[row] ?? 0);
    }
  }

  /** @returns the tenth of the prediction. */
  #take(
    kind: MonitorEvent["kind"],
    tenth: number,
    model: string,
    eventTime: number,
    predictedAt: number,
    labelledAt: number,
    yTrue: number,
    yPred: number,
  ): number {
    const event = this.#event;
    event.kind = kind;
    event.tenth = tenth;
    event.model = this.#names.numberOf(model);
    event.eventTime = eventTime;
    event.predictedAt = predictedAt;
    event.labelledAt = labelledAt;
    event.yTrue = yTrue;
    event.yPred = yPred;
    event.tenth = this.#apply(event, model);
    this.#journal.add(event);
    return event.tenth;
  }

  /** Changes the windows. @returns the tenth of the prediction. */
  #apply({ kind, tenth, eventTime, predictedAt, labelledAt, yTrue, yPred }: Readonly<MonitorEvent>, model: string): number {
    switch (kind) {
      case EVENT.predicted:
        return this.#predict(model, yPred, eventTime, predictedAt);
      case EVENT.pair: {
        const itsTenth = this.#predict(model, yPred, eventTime, predictedAt);
        this.#label(model, eventTime, labelledAt, yTrue, yPred, itsTenth);
        return itsTenth;
      }
      case EVENT.labelled:
        this.#label(model, eventTime, labelledAt, yTrue, yPred, tenth);
        return tenth;
      case EVENT.expired:
        this.windows.expire(eventTime);
        return tenth;
      case EVENT.retracted:
        this.windows.retract(eventTime, tenth);
        return tenth;
    }
  }

  #predict(model: string, yPred: number, eventTime: number, at: number): number {
    const tenth = this.#tenths.add(model, yPred);
    this.windows.predict(eventTime, tenth, at);
    if (eventTime > this.#now + CLOCK_SKEW_MS) this.#future += 1;
    else this.windows.advanceTo(eventTime);
    if (eventTime < this.windows.oldest) this.#old += 1;
    return tenth;
  }

  #label(model: string, eventTime: number, labelledAt: number, yTrue: number, yPred: number, tenth: number): void {
    this.#tenths.addError(model, Math.abs(yTrue - yPred));
    this.windows.label(eventTime, yTrue, yPred, labelledAt, model, tenth);
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
    const { bytes, isEmpty } = this.#journal;
    const due = this.dueAt ?? Infinity;
    const isSmall = this.#journalBytes + bytes.length <= MAX_JOURNAL_BYTES;
    if (isSmall && this.#now < due && this.#now >= this.#storedAt && !this.windows.mustStore) {
      if (isEmpty) return undefined;
      this.#table.put(this.#commits, bytes);
      this.#journalBytes += bytes.length;
      return undefined;
    }
    return this.store(records);
  }

  /** Within a commit: stores all that has changed. */
  store(records: LineRecords): SavedMonitor {
    for (const { commit, events } of this.#table.list()) addRecords(records, commit, events);
    if (!this.#journal.isEmpty) addRecords(records, this.#commits, this.#journal.bytes);
    records.write();
    this.windows.store();
    this.#table.clear();
    this.#journalBytes = 0;
    this.#journalLines = 0;
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

/** Whether a line of the log belongs to the event. */
function isLine({ kind }: Readonly<MonitorEvent>): boolean {
  return kind === EVENT.pair || kind === EVENT.labelled;
}

function addRecords(records: LineRecords, commit: number, events: Buffer): void {
  for (const event of eventsIn(events)) {
    if (isLine(event)) records.stage(event.eventTime, event.labelledAt, commit, event.model, event.tenth);
  }
}

/** The records of the lines in a journal. */
export function* recordsInJournal(journal: JournalTable): Generator<LineRecord> {
  for (const { commit, events } of journal.list()) {
    for (const event of eventsIn(events)) if (isLine(event)) yield { ...event, commit };
  }
}
