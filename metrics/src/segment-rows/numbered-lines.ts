import { LogCursor, type Gap, type LogLine, type LogLines, type Readable } from "@streamgauge/core/metric-log";

/** Where a line of a log begins. */
export interface LineStart {
  /** Its number, from 0. */
  readonly line: number;
  readonly offset: number;
}

/** Bytes that are read at once: some thousand lines. */
const CHUNK_BYTES = 1 << 16;

/** Lines of a log by their numbers, which are asked for in ascending order. Those of a part that is missing are not there. */
export class NumberedLines {
  readonly #log: Readable;
  readonly #startBefore: (line: number) => LineStart;
  #cursor: LogCursor | undefined;
  #lines: LogLines | undefined;
  /** The number of the first line of `#lines`, and of the first one behind them. */
  #first = 0;
  #end = -1;

  /** @param startBefore - where a line begins that is this one, or not far before it. */
  constructor(log: Readable, startBefore: (line: number) => LineStart) {
    this.#log = log;
    this.#startBefore = startBefore;
  }

  /** @returns undefined behind the end of the log, and in a part that is missing. */
  at(line: number): LogLine | undefined {
    while (line >= this.#end) if (!this.#readOn(line)) return undefined;
    const row = line - this.#first;
    const { ids, yTrue, yPred } = this.#lines ?? {};
    return ids === undefined ? undefined : { id: ids.at(row), yTrue: yTrue?.[row] ?? Number.NaN, yPred: yPred?.[row] ?? Number.NaN };
  }

  #readOn(line: number): boolean {
    const start = this.#startBefore(line);
    // What is behind the lines so far is read on, unless a start is nearer.
    if (this.#cursor === undefined || start.line > this.#end) {
      this.#cursor = new LogCursor(start.offset);
      this.#end = start.line;
    }
    const before = this.#cursor.offset;
    const gap = this.#log.gaps?.find(({ from, to }) => before >= from && before < to);
    if (gap !== undefined) return this.#passOver(gap);
    this.#lines = this.#cursor.take(this.#log.read(before, CHUNK_BYTES));
    this.#first = this.#end;
    this.#end += this.#lines.yTrue.length;
    return this.#cursor.offset > before;
  }

  #passOver({ to, linesBefore }: Gap): boolean {
    this.#cursor = new LogCursor(to);
    this.#lines = undefined;
    this.#first = this.#end;
    this.#end = linesBefore;
    return true;
  }
}
