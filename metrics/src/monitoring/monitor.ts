import { Ids } from "@streamgauge/core";
import type { Intervals } from "../intervals/intervals.js";
import { hashIds } from "../log/id-hash.js";
import { NOT_COUNTED, type PendingHalf } from "../state/half-table.js";
import type { FeatureTables } from "../state/feature-tables.js";
import type { JournalTable } from "../state/journal-table.js";
import type { NumberedNames } from "../state/numbered-names.js";
import type { PairGrids } from "../state/pair-grids.js";
import type { RowCode } from "../state/row-code.js";
import type { CodeRecords } from "./code-records.js";
import type { FeatureWindows } from "./feature-windows.js";
import { FirstReferences } from "./first-references.js";
import { EVENT, EVENT_BYTES, Journal, readJournal, type EventKind, type MonitorEvent, type NamedRow } from "./journal.js";
import { KnownReferences } from "./known-references.js";
import type { LineRecord, LineRecords } from "./line-records.js";
import type { LoggedRows } from "./logged-rows.js";
import { MonitoredRows, type CorrectedRow, type MonitoredRowsOptions } from "./monitored-rows.js";
import { PairRates } from "./pair-rates.js";
import type { SavedMonitor } from "./saved-monitor.js";
import type { Windows, WindowsOptions } from "./windows.js";

/** A commit of few rows is cheaper as events in the journal. */
const STORE_EVERY_MS = 1_000;
/** Bytes of events in the journal before windows are stored. A commit of many rows stores them at once. */
const MAX_JOURNAL_BYTES = 1 << 17;

export interface MonitorOptions extends MonitoredRowsOptions {
  readonly journal: JournalTable;
  /** Now, ms since 1970. */
  readonly now: number;
  /** The epoch of a new store. Default: now. */
  readonly madeAt?: number;
  /** Lines of the log. */
  readonly lines: number;
  /** Windows are stored at least so often while they change, in ms. Default: once a second. */
  readonly storeEveryMs?: number | undefined;
}

/** The parts of a store that monitoring is read from. */
export interface MonitorStore {
  monitor(): SavedMonitor | undefined;
  readonly windows: WindowsOptions["table"];
  readonly journal: JournalTable;
  readonly modelNames: NumberedNames;
  readonly pairGrids: PairGrids;
  readonly features: FeatureTables;
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
  readonly #rows: MonitoredRows;
  readonly #table: JournalTable;
  readonly #journal = new Journal();
  readonly #names: NumberedNames;
  readonly #grids: PairGrids;
  readonly #epoch: number;
  #firstLine: number;
  /** The number of the next line of the log, from 0. */
  #line: number;
  #commits: number;
  /** The time of the current commit, and of the last that stored windows; ms since 1970. */
  #now: number;
  #storedAt: number;
  /** Bytes of the journal that are stored. */
  #journalBytes = 0;
  /** Whether the current commit is small enough for the journal. */
  #isSmall = true;
  /** The references of versions that have none of their own. */
  readonly firstReferences: FirstReferences;
  /** Those that models announce. */
  readonly references: KnownReferences;
  /** Whether the journal alone no longer leads to what is here: it is repeated by what was stored before it. */
  #mustStore: boolean;
  #storeEveryMs: number;
  /** Which lines are in pairs of features. */
  readonly pairRates: PairRates;

  constructor({ journal, now, madeAt = now, lines, storeEveryMs = STORE_EVERY_MS, ...options }: MonitorOptions) {
    const { names, grids, featureTables, referenceRows, retentionMs, coverage, saved } = options;
    const { epoch = madeAt, firstLine = lines, commits = 0 } = saved ?? {};
    this.#table = journal;
    this.#storeEveryMs = storeEveryMs;
    this.#names = names;
    this.#grids = grids;
    this.references = new KnownReferences(featureTables);
    this.firstReferences = new FirstReferences(featureTables);
    this.#rows = new MonitoredRows(options);
    this.#epoch = epoch;
    this.#firstLine = firstLine;
    this.#line = lines;
    this.#commits = commits;
    this.#now = now;
    this.#storedAt = now;
    for (const { commit, events } of journal.list()) this.#repeat(commit, events);
    // What came before this start came under the settings of that time.
    const isAsSet = saved?.referenceRows === referenceRows && saved.retentionMs === retentionMs && saved.intervals.coverage === coverage;
    this.pairRates = new PairRates(saved?.pairRates, lines, now);
    this.#mustStore = !isAsSet || saved?.pairRates === undefined;
    this.#rows.set(options);
  }

  /** As it is committed in a store that is only read; undefined in the store of an earlier version. */
  static read(store: MonitorStore): Monitor | undefined {
    const saved = store.monitor();
    if (saved === undefined) return undefined;
    const { windows: table, journal, modelNames: names, pairGrids: grids, features: featureTables } = store;
    const { retentionMs, referenceRows } = saved;
    const { coverage } = saved.intervals;
    return new Monitor({ table, journal, names, grids, featureTables, retentionMs, referenceRows, coverage, saved, now: 0, lines: 0 });
  }

  #repeat(commit: number, bytes: Buffer): void {
    const { now, events } = readJournal(bytes);
    this.#commits = commit;
    this.#now = now;
    this.#rows.begin(now);
    for (const event of events) this.#rows.apply(event);
    this.#rows.end();
    this.#journalBytes += bytes.length;
  }

  get windows(): Windows {
    return this.#rows.windows;
  }

  /** Rows by the bins of their features. */
  get features(): FeatureWindows {
    return this.#rows.features;
  }

  /** The widths of the intervals that are announced with predictions. */
  get intervals(): Intervals {
    return this.#rows.intervals;
  }

  /** Rows whose event time was out of the ordinary. */
  get oddTimes(): { readonly future: number; readonly old: number } {
    return this.#rows.oddTimes;
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
    return this.#rows.records.count;
  }

  /** The records of the lines so far were lost: the windows stay, and cannot be counted again. */
  loseRecords(): void {
    this.#firstLine = -1;
    this.#rows.clearLines();
    this.#mustStore = true;
  }

  /** Begins a commit. @param now - ms since 1970. @param rows - that came in: of many, events in the journal would be of no use. */
  begin(now: number, rows: number): void {
    this.#now = now;
    this.#commits += 1;
    this.#rows.begin(now);
    this.#journal.begin(now);
    this.#isSmall = rows * EVENT_BYTES <= MAX_JOURNAL_BYTES;
  }

  /** Predictions of a version say what its error was on rows that it was not fitted on. Only the first one of a version counts. */
  heldOut(model: string, mae: number): void {
    // The journal does not have it.
    if (this.#rows.tenths.hold(model, mae)) this.#mustStore = true;
  }

  /** A prediction is stored until its label comes. @param at - when it came in, ms since 1970. @returns its tenth, to be stored with it. */
  predicted(model: string, yPred: number, eventTime: number, at: number, code: RowCode | undefined): number {
    const number = this.#names.numberOf(model);
    const tenth = this.#rows.predict(model, number, yPred, eventTime, at, code);
    if (!this.#isSmall) return tenth;
    if (code !== undefined) this.#journal.code(code, false);
    this.#journal.add(EVENT.predicted, tenth, number, eventTime, at, NaN, NaN, yPred);
    return tenth;
  }

  /** A stored prediction was found to be a copy of one that is logged. */
  retracted({ eventTime, tenth, model, code }: Pick<PendingHalf, "eventTime" | "tenth" | "model" | "code">): void {
    const number = code === undefined ? 0 : this.#names.numberOf(model);
    if (!this.#rows.retract(eventTime, tenth, number, code) || !this.#isSmall) return;
    if (code !== undefined) this.#journal.code(code, false);
    this.#journal.add(EVENT.retracted, tenth, number, eventTime, NaN, NaN, NaN, NaN);
  }

  /** A stored prediction waited too long for its label. */
  expired(eventTime: number, tenth: number): void {
    if (this.#rows.expire(eventTime, tenth) && this.#isSmall) this.#journal.add(EVENT.expired, tenth, 0, eventTime, NaN, NaN, NaN, NaN);
  }

  /** Rows were logged. @param skipped - those that were not, ascending. */
  logged(rows: LoggedRows, skipped: readonly { readonly row: number }[]): void {
    const { ids, hashes, yTrue, yPred, eventTimes, labelledAt, tenths, halfWidths, codeOf } = rows;
    let nextSkipped = 0;
    for (let row = 0; row < yTrue.length; row += 1) {
      const eventTime = eventTimes[row] ?? 0;
      const tenth = tenths[row] ?? NOT_COUNTED;
      if (skipped[nextSkipped]?.row === row) {
        nextSkipped += 1;
        this.retracted({ eventTime, tenth, model: this.#modelOf(rows, row), code: codeOf?.(row) });
        continue;
      }
      const name = this.#modelOf(rows, row);
      const code = codeOf?.(row);
      const number = this.#names.numberOf(name);
      const inPairs = code !== undefined && this.pairRates.isPaired(hashes.low[row] ?? 0, this.#line);
      const [labelled, truth, prediction] = [labelledAt[row] ?? 0, yTrue[row] ?? 0, yPred[row] ?? 0];
      const [predictedAt, halfWidth] = [rows.predictedAt[row] ?? 0, halfWidths?.[row] ?? Number.NaN];
      const isPair = tenth === NOT_COUNTED;
      const counted = isPair
        ? this.#rows.pair(name, number, eventTime, predictedAt, labelled, truth, prediction, halfWidth, code, inPairs)
        : tenth;
      if (!isPair) this.#rows.label(name, number, tenth, eventTime, predictedAt, labelled, truth, prediction, halfWidth, code, inPairs);
      if (this.windows.mayBeWorst) this.#rank({ id: ids.at(row), line: this.#line }, eventTime, name, truth, prediction);
      this.#line += 1;
      const kind = isPair ? EVENT.pair : EVENT.labelled;
      if (this.#isSmall && code !== undefined) this.#journal.code(code, inPairs);
      if (this.#isSmall) this.#journal.add(kind, counted, number, eventTime, predictedAt, labelled, truth, prediction, halfWidth);
    }
  }

  /**
   * The label of a logged row was corrected.
   *
   * @param row - which one, and its line. @param before - the label until now. @param yTrue - the one that takes its place. @param records - of the lines.
   * @returns false if the line has no record, so that no window can be restated.
   */
  corrected(row: CorrectedRow, before: number, yTrue: number, records: LineRecords): boolean {
    const record = this.#rows.recordOf(row, records);
    if (record === undefined) return false;
    this.windows.correct(before, this.#rows.restated(row, record, yTrue), record.tenth, record.halfWidth);
    this.#correctFeatures(row, record, before, yTrue, records.codes);
    this.#keep(EVENT.corrected, row, record, before, yTrue);
    return true;
  }

  /**
   * A correction of a logged row was refused, because one that was made later is in force.
   *
   * @param inForce - the label of the row. @param refused - the value of the correction. @returns as of `corrected`.
   */
  refused(row: CorrectedRow, inForce: number, refused: number, records: LineRecords): boolean {
    const record = this.#rows.recordOf(row, records);
    if (record === undefined) return false;
    this.windows.offer(this.#rows.restated(row, record, inForce), refused);
    this.#keep(EVENT.refused, row, record, inForce, refused);
    return true;
  }

  #correctFeatures(row: CorrectedRow, { eventTime, model }: LineRecord, before: number, yTrue: number, records: CodeRecords): void {
    const code = this.#rows.codeOf(row, records);
    if (code === undefined) return;
    const inPairs = this.pairRates.isPaired(hashIds(Ids.of([row.id])).low[0] ?? 0, row.line);
    this.features.correct(code, model, eventTime, row.yPred - before, row.yPred - yTrue, inPairs);
    if (this.#isSmall) this.#journal.code(code, inPairs);
  }

  #modelOf({ model }: LoggedRows, row: number): string {
    return typeof model === "string" ? model : model(row);
  }

  #rank(row: NamedRow, eventTime: number, model: string, yTrue: number, yPred: number): void {
    this.windows.rank(row, eventTime, model, yTrue, yPred);
    if (this.#isSmall) this.#journal.name(row);
  }

  /** Writes a label that came for a logged row into the journal. @param before - the label in force until then. */
  #keep(kind: EventKind, row: CorrectedRow, { eventTime, model, tenth, halfWidth }: LineRecord, before: number, yTrue: number): void {
    if (!this.#isSmall) return;
    this.#journal.name(row);
    this.#journal.add(kind, tenth, model, eventTime, before, row.first, yTrue, row.yPred, halfWidth);
  }

  /** When the windows should be stored even if nothing happens, ms since 1970; undefined if they are. */
  get dueAt(): number | undefined {
    if (this.firstReferences.isWaiting) return this.#storedAt;
    return this.#journalBytes === 0 ? undefined : this.#storedAt + this.#storeEveryMs;
  }

  /** Between commits: from now on windows are stored so often. */
  setStoreEvery(ms: number): void {
    this.#storeEveryMs = ms;
  }

  /**
   * Ends a commit: stores its events, or all that has changed.
   *
   * @param records - where the lines of the log get their records.
   * @returns what is to be stored with the windows; undefined if only the journal was written.
   */
  write(records: LineRecords): SavedMonitor | undefined {
    this.#rows.end();
    this.#grids.save((model) => this.#names.numberOf(model));
    this.references.store();
    this.firstReferences.store();
    const { bytes, isEmpty } = this.#journal;
    const isSmall = this.#isSmall && this.#journalBytes + bytes.length <= MAX_JOURNAL_BYTES;
    const isDue = this.#now >= (this.dueAt ?? Infinity) || this.#now < this.#storedAt;
    if (!isSmall || isDue || this.#mustStore || this.windows.mustStore || this.features.mustStore) return this.store(records);
    if (isEmpty) return undefined;
    this.#table.put(this.#commits, bytes);
    this.#journalBytes += bytes.length;
    return undefined;
  }

  /** Within a commit: stores all that has changed. */
  store(records: LineRecords): SavedMonitor {
    records.append(this.#rows.records, this.#rows.codes);
    this.#rows.clearLines();
    this.windows.store();
    this.features.store();
    this.#table.clear();
    this.#journalBytes = 0;
    this.#mustStore = false;
    this.#storedAt = this.#now;
    this.pairRates.adapt(this.#line, this.#now);
    return this.#save(records);
  }

  #save(records: LineRecords): SavedMonitor {
    return {
      version: 3,
      epoch: this.#epoch,
      retentionMs: this.windows.retentionMs,
      referenceRows: this.#rows.tenths.rows,
      firstLine: this.#firstLine,
      recordsLength: records.length,
      codes: records.codes.committed,
      pairRates: this.pairRates.save(),
      commits: this.#commits,
      watermark: this.windows.watermark,
      ...this.oddTimes,
      references: this.#rows.tenths.save(),
      intervals: this.intervals.save(),
    };
  }
}

/** The records of the lines in a journal. */
export function recordsInJournal(journal: JournalTable): MonitorEvent[] {
  return Array.from(journal.list()).flatMap(({ events: bytes }) =>
    readJournal(bytes).events.filter(({ kind }) => kind === EVENT.pair || kind === EVENT.labelled),
  );
}
