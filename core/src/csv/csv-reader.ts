import { headerFault, namesOf } from "./csv-header.js";
import { CsvRefusedError, type CsvFault } from "./csv-refused-error.js";
import { CsvSplitter, MAX_RECORD_BYTES, type CsvRow } from "./csv-splitter.js";
import { formatFault } from "./foreign-format.js";
import { separatorFault } from "./separator.js";

/** Bytes that are looked at for the format and the separator, at most; a first line may be longer. */
const SAMPLE_BYTES = 64 * 1024;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const EMPTY: CsvFault = { code: "empty", problem: "is empty", remedy: "give a header line, and a line per row" };
const NO_ROWS: CsvFault = { code: "no-rows", problem: "has a header and no rows", remedy: "give a line per row below the header" };
/** Above the header of a file for Excel, perhaps behind a byte order mark. */
const DECLARED = /^(\xef\xbb\xbf)?"?sep=/i;
const NOT_UTF8: CsvFault = {
  code: "encoding",
  problem: "is not in UTF-8",
  remedy: "save it in that encoding, from latin-1 with iconv -f LATIN1 -t UTF-8 IN.csv > OUT.csv",
};

/**
 * Reads a CSV file with a header, piece by piece: the one reader of all CSV that comes from outside.
 *
 * Cells are separated by commas and quoted with double quotes (RFC 4180); `\r\n`, `\n` and `\r` each end a line outside of quotes, also
 * mixed; empty lines and a byte order mark are passed over. A line that is no row of the header is given with the problem, and
 * reading goes on.
 */
export class CsvReader {
  /** What came before the format was known. */
  #sample: Buffer = Buffer.alloc(0);
  #splitter: CsvSplitter | undefined;
  #names: readonly string[] | undefined;
  #rows = 0;

  /** The names of the columns, each once; blanks around them are taken off. @throws Error before the first rows came. */
  get header(): readonly string[] {
    if (this.#names === undefined) throw new Error("The header was not read yet.");
    return this.#names;
  }

  /** Takes in the next bytes. @throws CsvRefusedError if nothing can be read. */
  *take(bytes: Buffer): Generator<CsvRow[], void> {
    if (this.#splitter !== undefined) {
      yield* this.#rowsOf(this.#splitter.take(bytes));
      return;
    }
    this.#sample = this.#sample.length === 0 ? bytes : Buffer.concat([this.#sample, bytes]);
    if (isEnough(this.#sample)) yield* this.#begin(false);
  }

  /**
   * Ends the file.
   *
   * @param whole - whether what follows its last line break is a line. @throws CsvRefusedError, also if there was no row.
   */
  *end(whole = true): Generator<CsvRow[], void> {
    if (this.#splitter === undefined) yield* this.#begin(true);
    if (this.#splitter !== undefined) yield* this.#rowsOf(this.#splitter.end(whole));
    if (this.#names === undefined) throw new CsvRefusedError(EMPTY);
    if (this.#rows === 0) throw new CsvRefusedError(NO_ROWS);
  }

  *#begin(final: boolean): Generator<CsvRow[], void> {
    const bytes = this.#sample.subarray(0, 3).equals(BYTE_ORDER_MARK) ? this.#sample.subarray(3) : this.#sample;
    const start = bytes.toString("utf8", 0, SAMPLE_BYTES);
    const fault = formatFault(bytes) ?? separatorFault(start) ?? (final && isOneLine(start) ? NO_ROWS : undefined);
    if (fault !== undefined) throw new CsvRefusedError(fault);
    this.#sample = Buffer.alloc(0);
    this.#splitter = new CsvSplitter();
    yield* this.#rowsOf(this.#splitter.take(bytes));
  }

  *#rowsOf(pieces: Iterable<CsvRow[]>): Generator<CsvRow[], void> {
    for (const piece of pieces) {
      const rows = this.#names === undefined ? this.#afterHeader(piece) : piece;
      if (rows.length === 0) continue;
      this.#rows += rows.length;
      yield this.#refuseRagged(rows);
    }
  }

  #afterHeader([first, ...others]: readonly CsvRow[]): CsvRow[] {
    if (first === undefined) return [];
    if (first.problem !== undefined) throw new CsvRefusedError(brokenHeader(first.problem));
    const names = namesOf(first.cells);
    const fault = headerFault(names);
    if (fault !== undefined) throw new CsvRefusedError(fault);
    this.#names = names;
    return others;
  }

  #refuseRagged(rows: CsvRow[]): CsvRow[] {
    const { length } = this.header;
    for (const [i, { line, cells, problem }] of rows.entries()) {
      if (cells.length === length || problem !== undefined) continue;
      rows[i] = { line, cells: [], problem: `it has ${cells.length === 1 ? "1 cell" : `${cells.length} cells`}, the header has ${length}` };
    }
    return rows;
  }
}

/** All rows of a CSV file that is in memory. @throws CsvRefusedError */
export function readCsv(bytes: Buffer): { readonly header: readonly string[]; readonly rows: readonly CsvRow[] } {
  const reader = new CsvReader();
  const pieces = [...reader.take(bytes), ...reader.end()];
  return { header: reader.header, rows: pieces.flat() };
}

/** The names of the columns of a file that begins with these bytes. @throws CsvRefusedError */
export function readCsvHeader(bytes: Buffer): readonly string[] {
  const reader = new CsvReader();
  if (reader.take(bytes).next().done === true) reader.end().next();
  return reader.header;
}

/** Whether the format and the separator can be recognised: by the header and a row, or by the first so many bytes. */
function isEnough(sample: Buffer): boolean {
  const lines = sample
    .toString("latin1", 0, MAX_RECORD_BYTES)
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "");
  const isLast = /[\r\n]$/.test(sample.toString("latin1", sample.length - 1));
  const whole = lines.length - (isLast ? 0 : 1) - (DECLARED.test(lines[0] ?? "") ? 1 : 0);
  return whole >= 2 || sample.length >= (lines.length > 1 ? SAMPLE_BYTES : MAX_RECORD_BYTES);
}

/** Whether text has a line and no line break. */
function isOneLine(text: string): boolean {
  return text.trim() !== "" && !/[\r\n]/.test(text.trim());
}

function brokenHeader(problem: string): CsvFault {
  if (problem === "it is not in UTF-8") return NOT_UTF8;
  return { code: "header", problem: `has a header that cannot be read (${problem})`, remedy: "mend its first line" };
}
