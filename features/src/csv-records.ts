import { isUtf8 } from "node:buffer";
import { CsvError, parse } from "csv-parse/sync";

/** Some consecutive records of a CSV file. */
export interface CsvRecords {
  /** The cells of each, as text. */
  readonly records: readonly (readonly string[])[];
  /** Whether all of it is UTF-8; what is not was read as U+FFFD. */
  readonly isUtf8: boolean;
  /** The line of the file on which a record begins, from 1. */
  lineOf(record: number): number;
}

/** Told of each line that is no record: its number, from 1, and why. */
export type OnBroken = (line: number, problem: string) => void;

/** A quote that is never closed must not gather the whole file into one field. */
const MAX_RECORD_BYTES = 1 << 20;
const [NEWLINE, RETURN] = [0x0a, 0x0d];

/**
 * The records of a CSV file (RFC 4180; any line ends, empty lines left out), in pieces.
 *
 * A line whose quotes are broken is told and left out, and reading goes on with the line after it. csv-parse by itself
 * would take all that follows for a part of the open quote.
 *
 * @param bytes - the file. @param endsWhole - asked at the end: whether what follows the last line break is a line.
 */
export async function* csvRecords(bytes: AsyncIterable<Buffer>, onBroken: OnBroken, endsWhole: () => boolean): AsyncGenerator<CsvRecords, void> {
  const splitter = new Splitter(onBroken);
  for await (const chunk of bytes) yield* splitter.take(chunk);
  yield* splitter.end(endsWhole());
}

class Splitter {
  readonly #onBroken: OnBroken;
  /** Bytes that are no whole record yet. */
  #rest: Buffer = Buffer.alloc(0);
  /** Lines of the file before these. */
  #linesBefore = 0;
  /** Within a line that is too long. */
  #skipping = false;

  constructor(onBroken: OnBroken) {
    this.#onBroken = onBroken;
  }

  *take(chunk: Buffer): Generator<CsvRecords, void> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#skipping && !this.#skipLine()) return;
    yield* this.#parse(endOfLastLine(this.#rest), false);
    if (this.#rest.length <= MAX_RECORD_BYTES) return;
    this.#onBroken(this.#linesBefore + 1, `it has more than ${MAX_RECORD_BYTES} bytes`);
    this.#skipping = !this.#skipLine();
  }

  *end(whole: boolean): Generator<CsvRecords, void> {
    if (!this.#skipping) yield* this.#parse(whole ? this.#rest.length : endOfLastLine(this.#rest), true);
  }

  /** Parses up to `end`, where a line ends; what is left over is not known to be whole. */
  *#parse(end: number, final: boolean): Generator<CsvRecords, void> {
    for (let left = end; left > 0; left = end - (end - this.#rest.length)) {
      const { records, ends, problem } = parsed(this.#rest.subarray(0, left));
      yield this.#found(records, ends);
    }
  }
}
