import { isUtf8 } from "node:buffer";
import { CsvError, parse } from "csv-parse/sync";

/** A line of a CSV file, or several if a quoted cell has line breaks. */
export interface CsvRow {
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
  /** As text; none if it is no record. */
  readonly cells: readonly string[];
  /** Why it is no record. */
  readonly problem?: string;
}

/** A quote that is never closed must not gather the whole file into one cell. */
export const MAX_RECORD_BYTES = 1 << 20;

const [NEWLINE, RETURN, QUOTE] = [0x0a, 0x0d, 0x22];
const OPTIONS = { skip_empty_lines: true, relax_column_count: true, record_delimiter: ["\r\n", "\n", "\r"] };

/**
 * Splits a CSV file (RFC 4180, any line ends, without a byte order mark) into records, piece by piece; empty lines are
 * left out.
 *
 * A line with a broken quote is a row with a problem, and reading goes on with the next line: csv-parse by itself would
 * take all that follows for a part of the quote.
 */
export class CsvSplitter {
  /** Bytes that are no whole record yet. */
  #rest: Buffer = Buffer.alloc(0);
  /** Lines of the file before `#rest`. */
  #linesBefore = 0;
  /** Whether `#rest` begins within a line that is too long. */
  #skipping = false;
  /** How long `#rest` must be to look again whether its quote is closed. */
  #enough = 0;

  /** Takes in the next bytes of the file. */
  *take(bytes: Buffer): Generator<CsvRow[], void> {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (this.#rest.length < this.#enough || (this.#skipping && !this.#skipLine())) return;
    yield* this.#parse(lastLineEnd(this.#rest), false);
    if (this.#rest.length <= MAX_RECORD_BYTES) return;
    yield [this.#broken(`it has more than ${MAX_RECORD_BYTES} bytes`)];
  }

  /** Ends the file. @param whole - whether what follows its last line break is a line. */
  *end(whole: boolean): Generator<CsvRow[], void> {
    if (!this.#skipping) yield* this.#parse(whole ? this.#rest.length : lastLineEnd(this.#rest), true);
  }

  /** Parses the first `length` bytes, which end with a line. A quote that is open there may be closed by what follows. */
  *#parse(length: number, final: boolean): Generator<CsvRow[], void> {
    if (length > 0 && !this.#rest.subarray(0, length).includes(QUOTE)) {
      yield this.#plain(length);
      return;
    }
    for (let left = length; left > 0;) {
      const before = this.#rest.length;
      const { records, ends, problem } = parsed(this.#rest.subarray(0, left));
      if (records.length > 0) yield this.#found(records, ends);
      if (problem === undefined) this.#drop(left - (before - this.#rest.length));
      else if (problem.code === "CSV_QUOTE_NOT_CLOSED" && !final && this.#rest.length <= MAX_RECORD_BYTES) {
        this.#enough = 2 * this.#rest.length;
        return;
      } else yield [this.#broken(DESCRIBED[problem.code] ?? problem.message)];
      left -= before - this.#rest.length;
    }
  }

  /** The records of these bytes, in which there is no quote: RFC 4180 without quotes is lines and commas. */
  #plain(length: number): CsvRow[] {
    const bytes = this.#rest.subarray(0, length);
    const lines = linesOf(bytes);
    const rows: CsvRow[] = [];
    for (const [i, text] of lines.entries()) {
      if (text !== "") rows.push({ line: this.#linesBefore + i + 1, cells: text.split(",") });
    }
    this.#rest = this.#rest.subarray(length);
    // Behind the last line break there is no line.
    this.#linesBefore += lines.length - 1;
    return inUtf8(rows, bytes);
  }

  #found(records: readonly string[][], ends: readonly number[]): CsvRow[] {
    const bytes = this.#rest.subarray(0, ends.at(-1));
    const lineOf = lineFinder(bytes, ends, this.#linesBefore);
    const rows = records.map((cells, i): CsvRow => ({ line: lineOf(i), cells }));
    this.#drop(bytes.length);
    return inUtf8(rows, bytes);
  }

  /** The line at which `#rest` begins as no record; it is left out. */
  #broken(problem: string): CsvRow {
    this.#drop(afterEmptyLines(this.#rest, 0));
    const line = this.#linesBefore + 1;
    this.#skipLine();
    return { line, cells: [], problem };
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

const REPLACEMENT = "\uFFFD";

/** The rows, those apart that are not in UTF-8: their bytes were read as replacement characters. */
function inUtf8(rows: CsvRow[], bytes: Buffer): CsvRow[] {
  if (isUtf8(bytes)) return rows;
  const isTorn = ({ cells }: CsvRow) => cells.some((cell) => cell.includes(REPLACEMENT));
  return rows.map((row) => (isTorn(row) ? { line: row.line, cells: [], problem: "it is not in UTF-8" } : row));
}

function linesOf(bytes: Buffer): string[] {
  const text = bytes.toString("utf8");
  return (bytes.includes(RETURN) ? text.replaceAll("\r\n", "\n").replaceAll("\r", "\n") : text).split("\n");
}

interface Parsed {
  readonly records: readonly string[][];
  /** Where each ends in the bytes. */
  readonly ends: readonly number[];
  /** What is wrong with the record after these; undefined if nothing is. */
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

/** Messages of csv-parse count lines from the place at which it began. */
const DESCRIBED: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quote in it is never closed",
  CSV_INVALID_CLOSING_QUOTE: 'a quoted cell goes on after its closing quote (a quote within is written twice: "")',
  INVALID_OPENING_QUOTE: "a quote stands within a cell that does not begin with one",
};

/** Just behind the first line break; -1 if there is none. A carriage return at the very end may be half of one. */
function lineEnd(bytes: Buffer): number {
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === NEWLINE) return at + 1;
    if (bytes[at] === RETURN && at + 1 < bytes.length) return bytes[at + 1] === NEWLINE ? at + 2 : at + 1;
  }
  return -1;
}

/** Just behind the last line break; 0 if there is none. A carriage return at the very end may be half of one. */
function lastLineEnd(bytes: Buffer): number {
  const carriage = bytes.length < 2 ? -1 : bytes.lastIndexOf(RETURN, -2);
  return Math.max(bytes.lastIndexOf(NEWLINE), carriage) + 1;
}

/** How many line breaks there are: \r\n, \n and \r. */
function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === NEWLINE || (bytes[at] === RETURN && bytes[at + 1] !== NEWLINE)) lines += 1;
  }
  return lines;
}

/** The line on which a record begins; asked in their order. */
function lineFinder(bytes: Buffer, ends: readonly number[], linesBefore: number): (record: number) => number {
  let known = { at: 0, lines: linesBefore };
  return (record) => {
    const at = afterEmptyLines(bytes, ends[record - 1] ?? 0);
    known = { at, lines: known.lines + linesIn(bytes.subarray(known.at, at)) };
    return known.lines + 1;
  };
}

function afterEmptyLines(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === NEWLINE || bytes[at] === RETURN) at += 1;
  return at;
}
