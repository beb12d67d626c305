import { behindLineBreak, lineEnd, MAX_LINE_BYTES } from "./line-end.js";
import { LineScanner, type ErrorColumn } from "./line-scanner.js";
import { LineColumns, type LogLines } from "./log-lines.js";

/** Reads a log forward, whatever hands it the bytes. */
export class LogCursor {
  #offset: number;
  /** Whether it stands in a line that is longer than any can be, and was reported. */
  #isInLongLine = false;
  readonly #scanner: LineScanner;

  /** @param offset - where a line begins. */
  constructor(offset: number, errors: ErrorColumn = "exact") {
    this.#offset = offset;
    this.#scanner = new LineScanner(errors);
  }

  /** Where the bytes begin that are to be taken in next. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Takes in the whole lines of a chunk, which begins at `offset`, and moves on behind them. A last line without its line break
   * stays for the next chunk, unless it is longer than a line can be. A malformed line ends at the next line break, wherever
   * its quotes are, and takes no good line with it.
   */
  take(chunk: Buffer): LogLines {
    const columns = new LineColumns();
    let start = this.#isInLongLine ? behindLineBreak(chunk, 0) : 0;
    // Positions in this text are those of the bytes. The ids are taken from the bytes.
    const text = chunk.toString("latin1");
    for (let end = start < 0 ? -1 : lineEnd(chunk, start); end >= 0; end = lineEnd(chunk, start)) {
      if (this.#scanner.scan(text, start, end)) this.#add(columns, chunk, text, start, end + 1);
      else columns.addMalformed(this.#offset + start);
      start = end + 1;
    }
    if (start >= 0) this.#isInLongLine = chunk.length - start > MAX_LINE_BYTES;
    if (start >= 0 && this.#isInLongLine) columns.addMalformed(this.#offset + start);
    this.#offset += this.#isInLongLine ? chunk.length : start;
    return columns.lines;
  }

  #add(columns: LineColumns, chunk: Buffer, text: string, start: number, end: number): void {
    const { idFrom, idTo, isEscaped } = this.#scanner;
    const id = isEscaped ? Buffer.from(text.slice(idFrom, idTo).replaceAll('""', '"'), "latin1") : undefined;
    if (id === undefined) columns.add(chunk, idFrom, idTo, this.#scanner, this.#offset + start, this.#offset + end);
    else columns.add(id, 0, id.length, this.#scanner, this.#offset + start, this.#offset + end);
  }
}
