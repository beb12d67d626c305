import { Ids } from "@streamgauge/core";
import { LOG_HEADER, readLogLines, withLog, withReadable, type LanePaths, type Readable } from "@streamgauge/core/metric-log";
import {
  certainOf,
  ErrorWindow,
  LabelledRow,
  startOf,
  WINDOW_SIZE_NAMES,
  WINDOW_SIZES,
  type PairGrid,
  type SavedWindow,
} from "@streamgauge/core/windows";
import { hashIds } from "../log/id-hash.js";
import type { RestatedLine } from "../state/correction-table.js";
import { NOT_COUNTED, type PendingHalf } from "../state/half-table.js";
import type { StateStore } from "../state/state-store.js";
import type { RowCode } from "../state/row-code.js";
import type { CommittedCodes } from "./code-records.js";
import type { MonitorEvent } from "./journal.js";
import { readRecords, type LineRecord } from "./line-records.js";
import { Monitor, recordsInJournal } from "./monitor.js";
import { RecountedFeatures, type CommittedFeatures } from "./recount-features.js";
import { RowRun } from "./row-run.js";

/** A lane as it is committed, from one snapshot of its store. */
export interface CommittedLane {
  readonly windows: readonly SavedWindow[];
  /** Lines of the log when the windows began. */
  readonly firstLine: number;
  /** Bytes of the file of line records that are committed, and the records of the lines after them. */
  readonly recordsLength: number;
  readonly lastRecords: readonly MonitorEvent[];
  /** The name of a model version by its number. */
  readonly nameOf: (model: number) => string;
  /** Where the pairs of a model version are counted finely. */
  readonly gridOf: (model: string) => PairGrid | undefined;
  readonly pendingPredictions: readonly PendingHalf[];
  /** What windows were restated by, in its order. */
  readonly restated: readonly RestatedLine[];
  /** The hours of features; undefined in the state of a version without. They are read while the lane is checked. */
  readonly features: CommittedFeatures | undefined;
}

/** Reads what the windows of a lane are compared with. @returns undefined in the state of a version without windows. */
export function committedLane(store: StateStore): CommittedLane | undefined {
  const saved = store.monitor();
  const monitor = Monitor.read(store);
  if (saved === undefined || monitor === undefined) return undefined;
  return {
    windows: WINDOW_SIZE_NAMES.flatMap((size) => [...monitor.windows.range(size, -Infinity, Infinity)]),
    firstLine: saved.firstLine,
    recordsLength: saved.recordsLength,
    lastRecords: [...recordsInJournal(store.journal)],
    nameOf: (model) => store.modelNames.nameOf(model),
    gridOf: (model) => store.pairGrids.of(model),
    pendingPredictions: [...store.pendingPredictions()],
    restated: [...store.correctionTable.restated()],
    features: committedFeatures(store, monitor, saved.codes),
  };
}

function committedFeatures(store: StateStore, monitor: Monitor, codes: CommittedCodes | undefined): CommittedFeatures | undefined {
  if (codes === undefined) return undefined;
  const {
    features: windows,
    windows: { watermark },
    pairRates,
  } = monitor;
  return { windows, watermark, codes, pairRates, tables: store.features, names: store.modelNames };
}

/** The windows as they follow from the log, with the predictions that wait. */
interface Recounted {
  /** Windows that hold lines of missing parts of the log, by the same keys. */
  readonly unknown: ReadonlySet<string>;
  readonly windows: ReadonlyMap<string, ErrorWindow>;
  /** Predictions that wait, by window. */
  readonly waiting: ReadonlyMap<string, number>;
}

/** A line that was corrected. */
interface CorrectedLine {
  readonly id: string;
  readonly line: number;
  /** The label in force so far, and the one in the log. */
  yTrue: number;
  readonly first: number;
  readonly yPred: number;
  readonly record: LineRecord;
  readonly code: RowCode | undefined;
}

/** The lines that were corrected, as the log gives them and then as each correction leaves them. */
class CorrectedLines {
  readonly #restated: readonly RestatedLine[];
  readonly #numbers: ReadonlySet<number>;
  readonly #lines = new Map<number, CorrectedLine>();
  #next = 0;

  constructor(restated: readonly RestatedLine[]) {
    this.#restated = restated;
    this.#numbers = new Set(restated.map(({ line }) => line));
  }

  has(line: number): boolean {
    return this.#numbers.has(line);
  }

  /** Keeps a line of the log that was corrected. */
  add(line: CorrectedLine): void {
    this.#lines.set(line.line, line);
  }

  /** The corrections that came when the log had this many lines or fewer, and were not taken yet. */
  *take(lines: number) {
    for (; (this.#restated[this.#next]?.afterLines ?? Infinity) <= lines; this.#next += 1) {
      const { line = -1, value = 0, isRefused = false } = this.#restated[this.#next] ?? {};
      const corrected = this.#lines.get(line);
      if (corrected === undefined) continue;
      yield { ...corrected, value, isRefused };
      if (!isRefused) corrected.yTrue = value;
    }
  }
}

/**
 * Counts all windows again, from the log and the records of its lines, line by line, and compares; and the hours of features, with the codes of the lines.
 * Windows with lines of missing parts of the log are left out.
 *
 * @param length - of the log, as it is committed. Default: all that is there.
 * @returns a sentence for each difference.
 */
export function windowProblems(lane: CommittedLane, paths: LanePaths, length?: number): string[] {
  return withLog(paths.log, (log) => withReadable(paths.lines, (file) => problemsByFiles(lane, log, file, paths.codes)), length);
}

/** Why `windowProblems` does not count the windows of a lane again, as a sentence; undefined if it does. */
export function whyNotCounted(lane: CommittedLane, { lines }: LanePaths): string | undefined {
  const firstLine = withReadable(lines, (file) => readRecords(file, lane.recordsLength)?.firstLine);
  if (firstLine === undefined || firstLine === lane.firstLine) return undefined;
  return `The windows were not counted again: they hold lines from before ${lines} begins, whose records were lost or set aside.`;
}

function problemsByFiles(lane: CommittedLane, log: Readable, file: Readable, codes: string): string[] {
  const read = readRecords(file, lane.recordsLength);
  if (read === undefined) return ["The records of the lines cannot be read: the windows cannot be counted again."];
  const { firstLine, records } = read;
  // A log that was exchanged has no records of the lines that the windows hold.
  if (firstLine !== lane.firstLine) return [];
  const { features } = lane;
  if (features === undefined) return problemsOf(lane, log, records, undefined);
  const length = `${features.codes.length} bytes are committed`;
  return withReadable(codes, (codeFile) => {
    const counted = RecountedFeatures.of(features, codeFile, firstLine);
    const unread = `${codes} cannot be read: it has ${codeFile.length} bytes or another beginning; ${length}. The hours of features cannot be counted again.`;
    return [...(counted === undefined ? [unread] : []), ...problemsOf(lane, log, records, counted)];
  });
}

function problemsOf(lane: CommittedLane, log: Readable, records: Iterable<LineRecord>, features: RecountedFeatures | undefined): string[] {
  const recounted = recount(lane, log, records, features);
  if (typeof recounted === "string") return [recounted];
  const expired = new Map(lane.windows.map((window) => [`${window.size} ${window.start}`, window.expired]));
  return [
    ...lane.windows.flatMap((window) => problemOf(window, recounted) ?? []),
    ...listed(features?.problems((start) => expired.get(`1h ${start}`) ?? 0) ?? []),
  ];
}

/** Differences of features that are listed one by one. */
const LISTED = 20;

/** The first ones, and how many more there are. */
function listed(problems: Iterable<string>): string[] {
  const all = [...problems];
  const more = all.length - LISTED;
  return more <= 0 ? all : [...all.slice(0, LISTED), `${more} more bins of features differ from the log.`];
}

function* chained(first: Iterable<LineRecord>, then: Iterable<MonitorEvent>): Generator<LineRecord | MonitorEvent, undefined> {
  yield* first;
  yield* then;
}

function recount(
  lane: CommittedLane,
  log: Readable,
  inFile: Iterable<LineRecord>,
  features: RecountedFeatures | undefined,
): Recounted | string {
  const { firstLine, lastRecords, nameOf, gridOf, pendingPredictions } = lane;
  const windows = new Map<string, ErrorWindow>();
  const [labelled, wrong] = [new LabelledRow(), new LabelledRow()];
  const run = new RowRun();
  const endRun = () => {
    if (!run.isEmpty) run.moveTo(windowsOf(windows, run.start));
  };
  const records = chained(inFile, lastRecords);
  const corrected = new CorrectedLines(lane.restated);
  const correctUpTo = (lines: number) => {
    for (const { id, line, yTrue, value, first, yPred, record, code, isRefused } of corrected.take(lines)) {
      endRun();
      const { eventTime, tenth, halfWidth } = record;
      const model = nameOf(record.model);
      wrong.set(yTrue, yPred, 0, tenth, gridOf(model), halfWidth);
      labelled.set(value, yPred, 0, tenth, gridOf(model), halfWidth);
      const row = { id, line, eventTime, model, first, yTrue: isRefused ? yTrue : value, yPred, peak: labelled.error.absolute };
      for (const window of windowsOf(windows, eventTime)) {
        if (isRefused) window.worst.offer(row);
        else window.correct(model, wrong, labelled, row);
      }
      if (code === undefined || isRefused) continue;
      features?.correct(code, record, { before: yPred - yTrue, error: yPred - value, line, hash: hashIds(Ids.of([id])).low[0] ?? 0 });
    }
  };
  let line = 0;
  const unknown = new Set<string>();
  for (const { ids, yTrue, yPred, skipped } of readLogLines(log, LOG_HEADER.length)) {
    for (const end = line + skipped; line < end; line += 1) {
      if (line < firstLine) continue;
      const { value: record, done } = records.next();
      if (done === true) continue;
      for (const key of keysOf(record.eventTime)) unknown.add(key);
      features?.skip(line, record);
    }
    const hashes = features === undefined ? undefined : hashIds(ids);
    for (let row = 0; row < yTrue.length; row += 1, line += 1) {
      if (line < firstLine) continue;
      const { value: record, done } = records.next();
      if (done === true) return `The log has lines without a record, from line ${line + 1} on: the windows cannot be counted again.`;
      correctUpTo(line);
      const [truth, prediction] = [yTrue[row] ?? 0, yPred[row] ?? 0];
      const logged = { line, first: truth, yTrue: truth, yPred: prediction };
      const code = features?.next(line, record);
      if (code !== undefined) features?.count(code, record, { error: prediction - truth, line, hash: hashes?.low[row] ?? 0 });
      if (corrected.has(line)) corrected.add({ id: ids.at(row), ...logged, record, code });
      const model = nameOf(record.model);
      if (!run.holds(record.eventTime, model)) {
        endRun();
        run.begin(record.eventTime, model, -1);
      }
      const { eventTime, labelledAt, tenth, halfWidth } = record;
      run.label(labelled.set(truth, prediction, labelledAt - eventTime, tenth, gridOf(model), halfWidth));
      if (run.mayBeWorst(labelled))
        run.rank({ id: ids.at(row), ...logged, eventTime: record.eventTime, model, peak: labelled.error.absolute });
    }
  }
  endRun();
  correctUpTo(line);
  if (records.next().done !== true) return "There are more records than lines of the log: the windows cannot be counted again.";
  const waiting = new Map<string, number>();
  for (const half of pendingPredictions) {
    if (half.tenth === NOT_COUNTED) continue;
    features?.wait(half);
    for (const key of keysOf(half.eventTime)) waiting.set(key, (waiting.get(key) ?? 0) + 1);
  }
  return { windows, waiting, unknown };
}

function windowsOf(windows: Map<string, ErrorWindow>, time: number): ErrorWindow[] {
  return WINDOW_SIZES.map(({ name, ms }) => {
    const start = startOf(time, ms);
    const key = `${name} ${start}`;
    let window = windows.get(key);
    if (window === undefined) windows.set(key, (window = new ErrorWindow(name, start)));
    return window;
  });
}

function keysOf(time: number): string[] {
  return WINDOW_SIZES.map(({ name, ms }) => `${name} ${startOf(time, ms)}`);
}

function problemOf(saved: SavedWindow, { windows, waiting, unknown }: Recounted): string | undefined {
  const key = `${saved.size} ${saved.start}`;
  if (unknown.has(key)) return undefined;
  const title = `The window of ${saved.size} from ${new Date(saved.start).toISOString()}`;
  const window = windows.get(key) ?? new ErrorWindow(saved.size, saved.start);
  const isWhole = saved.older === 0;
  const partOf = (each: SavedWindow) => labelledPart(each, isWhole, saved.worstMissing);
  const [kept, counted] = [partOf(saved), partOf(window.save())];
  const different = Object.keys(kept).filter((name) => kept[name] !== counted[name]);
  if (different.length > 0) {
    const parts = different.map((name) => `${name} ${shortened(kept[name])}, by the log ${shortened(counted[name])}`);
    return `${title} holds other rows than the log: ${parts.join("; ")}.`;
  }
  const wait = waiting.get(key) ?? 0;
  const predicted = saved.labelled + wait + saved.expired;
  if (saved.predicted === predicted) return undefined;
  return `${title} counts ${saved.predicted} predictions; ${saved.labelled} have a label, ${wait} wait for one and ${saved.expired} did in vain.`;
}

/** What follows from the lines of the log, to the last bit: each part as JSON. @param isWhole - whether no older version counted some of its rows. @param missing - of its worst rows. */
function labelledPart(window: SavedWindow, isWhole: boolean, missing: number): Readonly<Record<string, string>> {
  const { labelled, corrected, extremes, errors, lags, models, tenths, intervals } = window;
  const announced = { ...intervals, target: undefined };
  const ofTenths = tenths.filter((each) => each.labelled > 0).map((each) => ({ ...each, predicted: undefined }));
  const versions = isWhole ? models : models.map((model) => ({ ...model, pairs: undefined }));
  const worst = certainOf(window.worst, missing);
  const parts = {
    labelled,
    extremes,
    errors,
    lags,
    models: versions,
    tenths: ofTenths,
    intervals: announced,
    worst,
    ...(isWhole ? { corrected } : {}),
  };
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)]));
}

/** Enough to see what differs: a window has thousands of cells. */
function shortened(text = ""): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
