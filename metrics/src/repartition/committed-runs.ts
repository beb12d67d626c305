import type { Ids, RowCodes } from "@streamgauge/core";
import { LOG_HEADER, readLogLines, withLog, withReadable, type LanePaths, type Readable } from "@streamgauge/core/metric-log";
import { codesOfLine } from "../monitoring/code-records.js";
import type { MonitorEvent } from "../monitoring/journal.js";
import { readRecords, type LineRecord } from "../monitoring/line-records.js";
import { recordsInJournal } from "../monitoring/monitor.js";
import { rowCodesOf } from "../monitoring/row-codes-of.js";
import type { RowCode } from "../state/row-code.js";
import type { StateStore } from "../state/state-store.js";

/** Lines of a log that were labelled at the same moment and predicted by the same model version, in their order; all shapes [n]. */
export interface CommittedRun {
  /** When they were labelled, ms since 1970. */
  readonly at: number;
  readonly model: string;
  readonly ids: Ids;
  readonly yTrue: Float64Array;
  readonly yPred: Float64Array;
  /** ms since 1970. */
  readonly eventTimes: Float64Array;
  /** NaN for a row without an interval. */
  readonly halfWidths: Float64Array;
  /** The bins of the rows' features; undefined if they are not known. */
  readonly codes: RowCodes | undefined;
}

/** A partition as it is committed, to be read. */
export interface CommittedPartition {
  readonly paths: LanePaths;
  readonly store: StateStore;
}

const MOST_ROWS = 8_192;

/** Hands the committed lines of all partitions to `read`, together in the order in which they were labelled. */
export function withCommittedRuns<T>(partitions: readonly CommittedPartition[], read: (runs: Iterable<CommittedRun>) => T): T {
  const opened: Generator<CommittedRun>[] = [];
  const openNext = (): T => {
    const next = partitions[opened.length];
    if (next === undefined) return read(inOrder(opened));
    const { log, recordsLength } = lengthsOf(next.store);
    return withLog(
      next.paths.log,
      (lines) =>
        withReadable(next.paths.lines, (records) =>
          withCodes(next, (codeOf) => {
            opened.push(runsOf(next.store, lines, records, recordsLength, codeOf));
            return openNext();
          }),
        ),
      log,
    );
  };
  return openNext();
}

/** The codes of a line in the file; undefined if it has none there. */
type CodeOf = (line: number) => RowCode | undefined;

function withCodes<T>({ paths, store }: CommittedPartition, read: (codeOf: CodeOf) => T): T {
  const committed = store.monitor()?.codes;
  if (committed === undefined) return read(() => undefined);
  return withReadable(paths.codes, (file) => read((line) => codesOfLine(store.features, file, committed.end, line)));
}

function lengthsOf(store: StateStore): { readonly log: number; readonly recordsLength: number } {
  return { log: store.state()?.log.length ?? 0, recordsLength: store.monitor()?.recordsLength ?? 0 };
}

/** Runs of several logs by the time of their labels; each log keeps its order. */
function* inOrder(logs: readonly Generator<CommittedRun>[]): Generator<CommittedRun, void> {
  const heads = logs.map((log) => ({ log, run: nextOf(log) }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) if (head.run !== undefined && head.run.at < (first?.run?.at ?? Infinity)) first = head;
    if (first?.run === undefined) return;
    yield first.run;
    first.run = nextOf(first.log);
  }
}

function nextOf(log: Generator<CommittedRun>): CommittedRun | undefined {
  const { value, done } = log.next();
  return done === true ? undefined : value;
}

function* runsOf(store: StateStore, log: Readable, file: Readable, recordsLength: number, codeOf: CodeOf): Generator<CommittedRun, void> {
  const saved = store.monitor();
  const inFile = readRecords(file, recordsLength);
  const records = chained(inFile?.records ?? [], recordsInJournal(store.journal));
  const firstLine = inFile?.firstLine ?? 0;
  // Lines from before there were windows say nothing of their times.
  const unknown = { eventTime: saved?.epoch ?? 0, labelledAt: saved?.epoch ?? 0, halfWidth: Number.NaN, tenth: 0, model: -1 };
  let line = 0;
  for (const { ids, yTrue, yPred } of readLogLines(log, LOG_HEADER.length)) {
    const run = new OpenRun(store);
    for (let row = 0; row < yTrue.length; row += 1, line += 1) {
      const record = line < firstLine ? unknown : (records.next().value ?? unknown);
      const code = codeIn(record) ?? codeOf(line);
      if (!run.holds(record, code)) yield run.take(ids, yTrue, yPred);
      run.add(row, record, code);
    }
    if (!run.isEmpty) yield run.take(ids, yTrue, yPred);
  }
}

function* chained(first: Iterable<LineRecord>, then: Iterable<MonitorEvent>): Generator<LineRecord | MonitorEvent, undefined> {
  yield* first;
  yield* then;
}

/** The codes of a line that is in the journal. */
function codeIn(record: LineRecord | MonitorEvent): RowCode | undefined {
  return "code" in record ? record.code : undefined;
}

/** A run that still grows. */
class OpenRun {
  readonly #store: StateStore;
  #rows: number[] = [];
  #records: LineRecord[] = [];
  #codes: (RowCode | undefined)[] = [];

  constructor(store: StateStore) {
    this.#store = store;
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  holds({ labelledAt, model }: LineRecord, code: RowCode | undefined): boolean {
    const [first] = this.#records;
    if (first === undefined) return true;
    return (
      first.labelledAt === labelledAt && first.model === model && this.#codes[0]?.layout === code?.layout && this.#rows.length < MOST_ROWS
    );
  }

  add(row: number, record: LineRecord, code: RowCode | undefined): void {
    this.#rows.push(row);
    this.#records.push(record);
    this.#codes.push(code);
  }

  take(ids: Ids, yTrue: Float64Array, yPred: Float64Array): CommittedRun {
    const [rows, records] = [this.#rows, this.#records];
    this.#rows = [];
    this.#records = [];
    const codes = rowCodesOf(this.#codes, this.#store);
    this.#codes = [];
    const [first] = records;
    return {
      at: first?.labelledAt ?? 0,
      model: first === undefined ? "" : this.#store.modelNames.nameOf(first.model),
      ids: ids.take(rows),
      yTrue: Float64Array.from(rows, (row) => yTrue[row] ?? Number.NaN),
      yPred: Float64Array.from(rows, (row) => yPred[row] ?? Number.NaN),
      eventTimes: Float64Array.from(records, ({ eventTime }) => eventTime),
      halfWidths: Float64Array.from(records, ({ halfWidth }) => halfWidth),
      codes,
    };
  }
}
