import { isUtf8 } from "node:buffer";
import { CsvError, parse } from "csv-parse/sync";

/** Some consecutive records of a CSV file. */
export interface CsvRecords {
  /** The cells of each, as text. */
  readonly records: readonly (readonly string[])[];
  /** Whether all of it is UTF-8; bytes that are not were read as U+FFFD. */
  readonly utf8: boolean;
  /** The line of the file on which a record begins, from 1; fastest when asked in their order. */
  readonly lineOf: (record: number) => number;
}

/** Told of each line that is no record: its number, from 1, and why. */
export type OnBroken = (line: number, problem: string) => void;

/** A quote that is never closed must not gather the whole file into one cell. */
export const MAX_RECORD_BYTES = 1 << 20;

const [NEWLINE, RETURN] = [0x0a, 0x0d];
const OPTIONS = { skip_empty_lines: true, relax_column_count: true, record_delimiter: ["\r\n", "\n", "\r"] };

/**
 * Splits a CSV file (RFC 4180, any line ends, without a byte order mark) into records, piece by piece; empty lines are
 * left out.
 *
 * A line with a broken quote is told and left out, and reading goes on with the next line: csv-parse by itself would
 * take all that follows for a part of the quote.
 */
export class CsvSplitter {
  readonly #onBroken: OnBroken;
  /** Bytes that are no whole record yet. */
  #rest: Buffer = Buffer.alloc(0);
  /** Lines of the file before `#rest`. */
  #linesBefore = 0;
  /** Whether `#rest` begins within a line that is too long. */
  #skipping = false;
  /** How long `#rest` must be to look again whether its quote is closed. */
  #enough = 0;

  constructor(onBroken: OnBroken) {
    this.#onBroken = onBroken;
  }

  /** Takes in the next bytes of the file. */
  *take(bytes: Buffer): Generator<CsvRecords, void> {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (this.#rest.length < this.#enough || (this.#skipping && !this.#skipLine())) return;
    yield* this.#parse(lastLineEnd(this.#rest), false);
    if (this.#rest.length <= MAX_RECORD_BYTES) return;
    this.#broken(`it has more than ${MAX_RECORD_BYTES} bytes`);
  }

  /** Ends the file. @param whole - whether what follows its last line break is a line. */
  *end(whole: boolean): Generator<CsvRecords, void> {
    if (!this.#skipping) yield* this.#parse(whole ? this.#rest.length : lastLineEnd(this.#rest), true);
  }

  /** Parses the first `length` bytes, which end with a line. A quote that is open there may be closed by what follows. */
  *#parse(length: number, final: boolean): Generator<CsvRecords, void> {
    for (let left = length; left > 0;) {
      const before = this.#rest.length;
      const { records, ends, problem } = parsed(this.#rest.subarray(0, left));
      if (records.length > 0) yield this.#found(records, ends);
      if (problem === undefined) this.#drop(left - (before - this.#rest.length));
      else if (problem.code === "CSV_QUOTE_NOT_CLOSED" && !final && this.#rest.length <= MAX_RECORD_BYTES) {
        this.#enough = 2 * this.#rest.length;
        return;
      } else this.#broken(DESCRIBED[problem.code] ?? problem.message);
      left -= before - this.#rest.length;
    }
  }

  #found(records: readonly string[][], ends: readonly number[]): CsvRecords {
    const bytes = this.#rest.subarray(0, ends.at(-1));
    const lineOf = lineFinder(bytes, ends, this.#linesBefore);
    this.#drop(bytes.length);
    return { records, utf8: isUtf8(bytes), lineOf };
  }

  /** Tells of the line at which `#rest` begins, and leaves it out. */
  #broken(problem: string): void {
    this.#drop(afterEmptyLines(this.#rest, 0));
    this.#onBroken(this.#linesBefore + 1, problem);
    this.#skipLine();
  }

  /** Leaves out the rest of a line. @returns whether its end is there. */
  #skipLine(): boolean {
    const end = lineEnd(this.#rest);
    this.#skipping = end < 0;
    this.#drop(end < 0 ? this.#rest.length : end);
    return end >= 0;
  }

  #drop(bytes: number): void {
    this.#linesBefore += linesIn(this.#rest.subarray(0, bytes));
    this.#rest = this.#rest.subarray(bytes);
  }
}

interface Parsed {
  readonly records: readonly string[][];
  /** Where each ends in the bytes. */
  readonly ends: readonly number[];
  /** What is wrong with the record after these; undefined where there is none. */
  readonly problem: CsvError | undefined;
}

function parsed(bytes: Buffer): Parsed {
  const records: string[][] = [];
  const ends: number[] = [];
  const keep = (record: string[], { bytes: end }: { readonly bytes: number }) => {
    records.push(record);
    ends.push(end);
    return null;
  };
  try {
    parse(bytes, { ...OPTIONS, on_record: keep });
    return { records, ends, problem: undefined };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { records, ends, problem: error };
  }
}

/** csv-parse's words count lines from where it was set to work. */
const DESCRIBED: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quote in it is never closed",
  CSV_INVALID_CLOSING_QUOTE: 'a quoted cell goes on after its closing quote (a quote within is written twice: "")',
  INVALID_OPENING_QUOTE: "a quote stands within a cell that does not begin with one",
};

/** Just behind the first line break; -1 where there is none. A carriage return at the very end may be half of one. */
function lineEnd(bytes: Buffer): number {
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === NEWLINE) return at + 1;
    if (bytes[at] === RETURN && at + 1 < bytes.length) return bytes[at + 1] === NEWLINE ? at + 2 : at + 1;
  }
  return -1;
}

/** Just behind the last line break; 0 where there is none. */
function lastLineEnd(bytes: Buffer): number {
  const newline = bytes.lastIndexOf(NEWLINE);
  if (newline >= 0 || bytes.length < 2) return newline + 1;
  return bytes.lastIndexOf(RETURN, -2) + 1;
}

/** How many line breaks there are: \r\n, \n and \r. */
function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === NEWLINE || (bytes[at] === RETURN && bytes[at + 1] !== NEWLINE)) lines += 1;
  }
  return lines;
}

function lineFinder(bytes: Buffer, ends: readonly number[], linesBefore: number): CsvRecords["lineOf"] {
  let known = { at: 0, lines: linesBefore };
  return (record) => {
    const at = afterEmptyLines(bytes, ends[record - 1] ?? 0);
    if (at < known.at) known = { at: 0, lines: linesBefore };
    known = { at, lines: known.lines + linesIn(bytes.subarray(known.at, at)) };
    return known.lines + 1;
  };
}

function afterEmptyLines(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === NEWLINE || bytes[at] === RETURN) at += 1;
  return at;
}
