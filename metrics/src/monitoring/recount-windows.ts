import { LOG_HEADER, readLogLines, type Readable } from "@streamgauge/core/metric-log";
import { ErrorWindow, LabelledRow, startOf, WINDOW_SIZES, type SavedWindow } from "@streamgauge/core/windows";
import { NOT_COUNTED, type PendingHalf } from "../state/half-table.js";
import { readRecords, type LineRecord } from "./line-records.js";

/** What windows are counted from. */
export interface WindowSources {
  /** The committed part of the log, and of the file of line records. */
  readonly log: Readable;
  readonly records: Readable;
  /** The names of model versions by their numbers. */
  readonly models: readonly string[];
  readonly pendingPredictions: Iterable<PendingHalf>;
}

/** The windows as they follow from the log, with the predictions that wait. */
interface Recounted {
  readonly windows: ReadonlyMap<string, ErrorWindow>;
  /** Predictions that wait, by window. */
  readonly waiting: ReadonlyMap<string, number>;
}

/**
 * Counts all windows again, from the log and its records, line by line, and compares.
 *
 * @param saved - the windows as they are kept.
 * @param firstLine - lines of the log when the windows began.
 * @returns a sentence for each difference.
 */
export function windowProblems(saved: Iterable<SavedWindow>, firstLine: number, sources: WindowSources): string[] {
  const read = readRecords(sources.records, sources.records.length);
  if (read === undefined) return ["The records of the lines cannot be read: the windows cannot be counted again."];
  // A log that was exchanged has no records of the lines that the windows hold.
  if (read.firstLine !== firstLine) return [];
  const recounted = recount(sources, read.firstLine, read.records);
  if (typeof recounted === "string") return [recounted];
  return Array.from(saved).flatMap((window) => problemOf(window, recounted) ?? []);
}

function recount({ log, models, pendingPredictions }: WindowSources, firstLine: number, records: Iterable<LineRecord>): Recounted | string {
  const windows = new Map<string, ErrorWindow>();
  const labelled = new LabelledRow();
  const next = records[Symbol.iterator]();
  let line = 0;
  for (const { yTrue, yPred } of readLogLines(log, LOG_HEADER.length)) {
    for (let row = 0; row < yTrue.length; row += 1, line += 1) {
      if (line < firstLine) continue;
      const { value: record, done } = next.next();
      if (done === true) return `The log has lines without a record, from line ${line + 1} on: the windows cannot be counted again.`;
      const lag = record.labelledAt - record.eventTime;
      labelled.set(yTrue[row] ?? 0, yPred[row] ?? 0, lag, models[record.model] ?? "", record.tenth);
      for (const window of windowsOf(windows, record.eventTime)) window.label(labelled);
    }
  }
  if (next.next().done !== true) return "There are more records than lines of the log: the windows cannot be counted again.";
  const waiting = new Map<string, number>();
  for (const { eventTime, tenth } of pendingPredictions) {
    if (tenth === NOT_COUNTED) continue;
    for (const key of keysOf(eventTime)) waiting.set(key, (waiting.get(key) ?? 0) + 1);
  }
  return { windows, waiting };
}

function* windowsOf(windows: Map<string, ErrorWindow>, time: number): Generator<ErrorWindow> {
  for (const { name, ms } of WINDOW_SIZES) {
    const start = startOf(time, ms);
    const key = `${name} ${start}`;
    let window = windows.get(key);
    if (window === undefined) windows.set(key, (window = new ErrorWindow(name, start)));
    yield window;
  }
}

function keysOf(time: number): string[] {
  return WINDOW_SIZES.map(({ name, ms }) => `${name} ${startOf(time, ms)}`);
}

function problemOf(saved: SavedWindow, { windows, waiting }: Recounted): string | undefined {
  const key = `${saved.size} ${saved.start}`;
  const title = `The window of ${saved.size} from ${new Date(saved.start).toISOString()}`;
  const window = windows.get(key) ?? new ErrorWindow(saved.size, saved.start);
  const [kept, counted] = [labelledPart(saved), labelledPart(window.save())];
  if (kept !== counted) return `${title} holds other rows than the log: ${kept}; the log gives ${counted}.`;
  const wait = waiting.get(key) ?? 0;
  const predicted = saved.labelled + wait + saved.expired;
  if (saved.predicted === predicted) return undefined;
  return `${title} counts ${saved.predicted} predictions; ${saved.labelled} have a label, ${wait} wait for one and ${saved.expired} did in vain.`;
}

/** What follows from the lines of the log, to the last bit. */
function labelledPart({ labelled, sums, firstTrue, extremes, errors, lags, models, tenths }: SavedWindow): string {
  const ofTenths = tenths.filter((each) => each.labelled > 0).map((each) => ({ ...each, predicted: undefined }));
  return JSON.stringify({ labelled, sums, firstTrue, extremes, errors, lags, models, tenths: ofTenths });
}
