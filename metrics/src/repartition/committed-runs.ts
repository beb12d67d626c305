import type { Ids } from "@streamgauge/core";
import { LOG_HEADER, readLogLines, withReadable, type LanePaths, type Readable } from "@streamgauge/core/metric-log";
import { readRecords, type LineRecord } from "../monitoring/line-records.js";
import { recordsInJournal } from "../monitoring/monitor.js";
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
    return withReadable(
      next.paths.log,
      (lines) =>
        withReadable(next.paths.lines, (records) => {
          opened.push(runsOf(next.store, lines, records, recordsLength));
          return openNext();
        }),
      log,
    );
  };
  return openNext();
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

function* runsOf(store: StateStore, log: Readable, file: Readable, recordsLength: number): Generator<CommittedRun, void> {
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
      if (!run.holds(record)) yield run.take(ids, yTrue, yPred);
      run.add(row, record);
    }
    if (!run.isEmpty) yield run.take(ids, yTrue, yPred);
  }
}

function* chained(first: Iterable<LineRecord>, then: Iterable<LineRecord>): Generator<LineRecord, undefined> {
  yield* first;
  yield* then;
}

/** A run that still grows. */
class OpenRun {
  readonly #store: StateStore;
  #rows: number[] = [];
  #records: LineRecord[] = [];

  constructor(store: StateStore) {
    this.#store = store;
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  holds({ labelledAt, model }: LineRecord): boolean {
    const [first] = this.#records;
    return first === undefined || (first.labelledAt === labelledAt && first.model === model && this.#rows.length < MOST_ROWS);
  }

  add(row: number, record: LineRecord): void {
    this.#rows.push(row);
    this.#records.push(record);
  }

  take(ids: Ids, yTrue: Float64Array, yPred: Float64Array): CommittedRun {
    const [rows, records] = [this.#rows, this.#records];
    this.#rows = [];
    this.#records = [];
    const [first] = records;
    return {
      at: first?.labelledAt ?? 0,
      model: first === undefined ? "" : this.#store.modelNames.nameOf(first.model),
      ids: ids.take(rows),
      yTrue: Float64Array.from(rows, (row) => yTrue[row] ?? Number.NaN),
      yPred: Float64Array.from(rows, (row) => yPred[row] ?? Number.NaN),
      eventTimes: Float64Array.from(records, ({ eventTime }) => eventTime),
      halfWidths: Float64Array.from(records, ({ halfWidth }) => halfWidth),
    };
  }
}
