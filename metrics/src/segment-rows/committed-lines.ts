import { LOG_HEADER, openLog, openReadable, type LanePaths, type LogLine } from "@streamgauge/core/metric-log";
import { keptFrom } from "@streamgauge/core/windows";
import { inForceOf, type CorrectionHistory } from "../corrections/correction-history.js";
import { codesBetween, type CodedLines } from "../monitoring/code-records.js";
import { endOfRecords, readRecords, recordsBetween, type LineRecord } from "../monitoring/line-records.js";
import type { StateStore } from "../state/state-store.js";
import { NumberedLines, type LineStart } from "./numbered-lines.js";

/** A line with its label in force. */
export interface LabelledLine extends Omit<LogLine, "yTrue"> {
  /** The label in the log, and the one in force. */
  readonly first: number;
  readonly yTrue: number;
}

/** Lines of a log whose records and codes are committed. */
export interface CommittedLines {
  /** The number of the first one, from 0, and of the first behind them. */
  readonly first: number;
  readonly end: number;
  /** Hours of event time before are no longer counted in segments; ms since 1970. */
  readonly keptFrom: number;
  records(from: number, to: number): readonly LineRecord[];
  codes(from: number, to: number): readonly CodedLines[];
  /** Lines are asked for in ascending order. */
  row(line: number): LabelledLine | undefined;
  layoutOf(number: number): string;
  modelOf(number: number): string;
  close(): void;
}

type Opened = ReturnType<typeof openReadable>;

/**
 * Opens the lines of a partition for reading, beside the metrics that may write it.
 *
 * @param startBefore - where a line begins that is this one or not far before it; undefined if that is not known.
 * @returns undefined if no line has codes.
 * @throws the system's error if a file cannot be opened.
 */
export function openCommittedLines(
  paths: LanePaths,
  store: StateStore,
  startBefore: (line: number) => LineStart | undefined = () => undefined,
): CommittedLines | undefined {
  const [saved, runs] = [store.monitor(), store.features.runs()];
  const length = store.state()?.log.length;
  const [firstRun] = runs.filter(({ layout }) => layout >= 0);
  if (saved?.codes === undefined || length === undefined || firstRun === undefined) return undefined;
  const files: Opened[] = [];
  const own = (path: string, most: number, open = openReadable) => {
    const file = open(path, most);
    files.push(file);
    return file;
  };
  const close = () => {
    for (const file of files.splice(0)) file.close();
  };
  try {
    const records = own(paths.lines, saved.recordsLength);
    const read = readRecords(records, saved.recordsLength);
    if (read === undefined) {
      close();
      return undefined;
    }
    const codes = own(paths.codes, saved.codes.length);
    const starts = generationStarts(store);
    const isCorrected = store.correctionTable.correctedIds > 0;
    const numbered = new NumberedLines(own(paths.log, length, openLog), (line) => startBefore(line) ?? startIn(starts, line));
    return {
      first: Math.max(read.firstLine, firstRun.line),
      end: Math.min(endOfRecords(read, saved.recordsLength), saved.codes.end),
      keptFrom: keptFrom("1h", saved.watermark),
      records: (from, to) => recordsBetween(records, read.firstLine, from, to),
      codes: (from, to) => codesBetween(runs, codes, from, to),
      row: (line) => labelled(numbered.at(line), (id) => (isCorrected ? store.correctionTable.history(Buffer.from(id)) : [])),
      layoutOf: (number) => store.features.layouts.nameOf(number),
      modelOf: (number) => store.modelNames.nameOf(number),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function labelled(line: LogLine | undefined, historyOf: (id: string) => CorrectionHistory): LabelledLine | undefined {
  if (line === undefined) return undefined;
  const { id, yTrue, yPred } = line;
  return { id, yPred, first: yTrue, yTrue: inForceOf(historyOf(id), yTrue) };
}

/** Where lines begin, as far as the store knows it; ascending. */
function generationStarts(store: StateStore): LineStart[] {
  return [{ line: 0, offset: LOG_HEADER.length }, ...store.generations().map(({ lines, offset }) => ({ line: lines, offset }))];
}

function startIn(starts: readonly LineStart[], line: number): LineStart {
  return starts.findLast((start) => start.line <= line) ?? { line: 0, offset: LOG_HEADER.length };
}
