import { AppendFile, setAside, type Disk } from "../log/append-file.js";
import type { CodeRecords, NewCodes } from "./code-records.js";
import type { Readable } from "@streamgauge/core/metric-log";

/** What is known of a line of the log besides its values. */
export interface LineRecord {
  /** When the row happened, ms since 1970. */
  readonly eventTime: number;
  /** When its label came in, ms since 1970. */
  readonly labelledAt: number;
  /** Of the interval that was announced with its prediction; NaN if none was. */
  readonly halfWidth: number;
  /** The number of the model version that predicted it; see `NumberedNames`. */
  readonly model: number;
  /** The tenth of its prediction; see `TenthInWindow`. */
  readonly tenth: number;
}

/** How the file begins, with its version; the number of lines of the log before the first record follows. */
const MAGIC = "streamgauge lines 1\n";
const HEADER_BYTES = 32;
const RECORD_DOUBLES = 4;
const RECORD_BYTES = 8 * RECORD_DOUBLES;
/** Marks a tenth whose record has the half width. In the records of earlier versions the number of a commit is in its place. */
const WITH_WIDTH = 0x100;
/** Where the number of lines before the first record is in the header. */
const FIRST_LINE_AT = 24;
const CHUNK_RECORDS = 8_192;

/** The records that a file must have, as the store knows it. */
export interface ExpectedRecords {
  /** Bytes that are committed; undefined in a new store. */
  readonly length: number | undefined;
  /** Lines of the log. */
  readonly lines: number;
  /** The last of them, whose records are still to be added. */
  readonly journalLines: number;
}

/** Records that are not written yet, as bytes: event time, time of the label, half width; and model and tenth (uint32), in the byte order of the machine. */
export class NewRecords {
  #doubles = new Float64Array(RECORD_DOUBLES * 256);
  #words = new Uint32Array(this.#doubles.buffer);
  #length = 0;

  /** See `LineRecord`. */
  add(eventTime: number, labelledAt: number, halfWidth: number, model: number, tenth: number): void {
    const at = this.#length;
    if (this.#doubles.length < at + RECORD_DOUBLES) this.#grow();
    this.#doubles[at] = eventTime;
    this.#doubles[at + 1] = labelledAt;
    this.#doubles[at + 2] = halfWidth;
    this.#words[2 * at + 6] = model;
    this.#words[2 * at + 7] = tenth | WITH_WIDTH;
    this.#length = at + RECORD_DOUBLES;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#doubles.length);
    larger.set(this.#doubles);
    this.#doubles = larger;
    this.#words = new Uint32Array(larger.buffer);
  }

  /** How many there are. */
  get count(): number {
    return this.#length / RECORD_DOUBLES;
  }

  /** The i-th, from 0; undefined if there are not so many. */
  at(i: number): LineRecord | undefined {
    if (i < 0 || i >= this.count) return undefined;
    return recordIn(this.bytes, i * RECORD_BYTES);
  }

  /** All of them. Valid until the next one is added. */
  get bytes(): Buffer {
    return Buffer.from(this.#doubles.buffer, 0, 8 * this.#length);
  }

  clear(): void {
    this.#length = 0;
  }
}

/**
 * A record of 32 bytes for each line of the log since monitoring began, in the order of the log and committed with it. With the log it is
 * what every window can be counted from again.
 */
export class LineRecords {
  readonly #file: AppendFile;
  /** Lines of the log before the first record. */
  readonly #firstLine: number;
  /** The codes of the same lines. */
  readonly codes: CodeRecords;

  private constructor(file: AppendFile, firstLine: number, codes: CodeRecords) {
    this.#file = file;
    this.#firstLine = firstLine;
    this.codes = codes;
  }

  /**
   * Opens the file, and cuts it back to what is committed. A file that does not fit the log is set aside, and a new one begins with
   * the next line.
   *
   * @param openCodes - opens the codes of the same lines, which go on with this one.
   * @returns the records, a sentence for the user about each repair, and whether the records of earlier lines were lost.
   */
  static open(path: string, expected: ExpectedRecords, openCodes: (end: number) => CodeRecords, disk: Disk, now: Date) {
    const findings: string[] = [];
    let file = AppendFile.open(path, disk);
    try {
      const problem = problemOf(file, expected);
      if (problem !== undefined) {
        file.close();
        const aside = setAside(path, now);
        // What became of the state was said.
        if (expected.length !== undefined)
          findings.push(`${path} ${problem}; it is kept as ${aside}. The windows stay, but cannot be counted again.`);
        file = AppendFile.open(path, disk);
      }
      if (file.length === 0) begin(file, problem === undefined ? expected.lines - expected.journalLines : expected.lines);
      else if (expected.length !== undefined && file.length > expected.length) file.dropBeyond(expected.length);
      // A new store has no windows whose lines could be counted again.
      const hasLost = problem !== undefined && expected.length !== undefined;
      const codes = openCodes(hasLost ? expected.lines : expected.lines - expected.journalLines);
      return { records: new LineRecords(file, firstLineOf(file.read(0, HEADER_BYTES)) ?? 0, codes), findings, hasLost };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Adds records durably. @throws FileChangedError if the file was changed from outside. */
  append(records: NewRecords, codes: NewCodes): void {
    if (records.count === 0) return;
    this.codes.append(codes);
    this.#file.assertUntouched();
    this.#file.append(records.bytes);
    this.#file.sync();
  }

  /** The number of the first line after those with a record in the file. */
  get end(): number {
    return this.#firstLine + (this.#file.length - HEADER_BYTES) / RECORD_BYTES;
  }

  /** The record of a line, counted from 0; undefined if the file does not have it. */
  at(line: number): LineRecord | undefined {
    if (line < this.#firstLine || line >= this.end) return undefined;
    return recordIn(this.#file.read(HEADER_BYTES + (line - this.#firstLine) * RECORD_BYTES, RECORD_BYTES), 0);
  }

  /** Bytes of the file, as they are written. */
  get length(): number {
    return this.#file.length;
  }

  close(): void {
    this.codes.close();
    this.#file.close();
  }
}

/** What keeps a file from going on; undefined if nothing does. An empty file is a new one. */
function problemOf(file: AppendFile, { length, lines, journalLines }: ExpectedRecords): string | undefined {
  if (file.length === 0) return length === undefined || length <= HEADER_BYTES ? undefined : `has lost its ${length} bytes`;
  if (length === undefined) return "has no state beside it";
  if (file.length < length) return `has ${file.length} bytes, but ${length} are committed`;
  const first = firstLineOf(file.read(0, HEADER_BYTES));
  if (first === undefined) return "does not begin as a file of line records does";
  const recorded = first + (length - HEADER_BYTES) / RECORD_BYTES + journalLines;
  return recorded === lines ? undefined : `ends at line ${recorded}, but the log at line ${lines}`;
}

function begin(file: AppendFile, lines: number): void {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC);
  header.writeDoubleLE(lines, FIRST_LINE_AT);
  file.append(header);
  file.sync();
}

/** The number of lines of the log before the first record; undefined if the bytes are no header. */
function firstLineOf(header: Buffer): number | undefined {
  if (header.length < HEADER_BYTES || header.toString("latin1", 0, MAGIC.length) !== MAGIC) return undefined;
  return header.readDoubleLE(FIRST_LINE_AT);
}

/** The committed records of a file. */
export interface ReadRecords {
  /** Lines of the log before the first record. */
  readonly firstLine: number;
  readonly records: Iterable<LineRecord>;
}

/** Reads the committed records. @param length - bytes that are committed. @returns undefined if the file is no file of records, or has fewer bytes. */
export function readRecords(file: Readable, length: number): ReadRecords | undefined {
  const firstLine = firstLineOf(file.read(0, HEADER_BYTES));
  if (firstLine === undefined || file.length < length) return undefined;
  return { firstLine, records: recordsIn(file, length) };
}

/** The records of these lines, counted from 0. @param firstLine - the line of the first record. @param to - behind the last one. */
export function recordsBetween(file: Pick<Readable, "read">, firstLine: number, from: number, to: number): LineRecord[] {
  const bytes = file.read(HEADER_BYTES + (from - firstLine) * RECORD_BYTES, (to - from) * RECORD_BYTES);
  return Array.from({ length: Math.floor(bytes.length / RECORD_BYTES) }, (_, i) => recordIn(bytes, i * RECORD_BYTES));
}

/** The number of the first line after those with a record. @param length - bytes that are committed. */
export function endOfRecords({ firstLine }: Pick<ReadRecords, "firstLine">, length: number): number {
  return firstLine + (length - HEADER_BYTES) / RECORD_BYTES;
}

function* recordsIn(file: Readable, length: number): Generator<LineRecord> {
  for (let at = HEADER_BYTES; at < length; at += CHUNK_RECORDS * RECORD_BYTES) {
    const bytes = file.read(at, Math.min(CHUNK_RECORDS * RECORD_BYTES, length - at));
    for (let i = 0; i + RECORD_BYTES <= bytes.length; i += RECORD_BYTES) {
      yield recordIn(bytes, i);
    }
  }
}

function recordIn(bytes: Buffer, at: number): LineRecord {
  const tenth = bytes.readUInt32LE(at + 28);
  return {
    eventTime: bytes.readDoubleLE(at),
    labelledAt: bytes.readDoubleLE(at + 8),
    halfWidth: tenth >= WITH_WIDTH ? bytes.readDoubleLE(at + 16) : Number.NaN,
    model: bytes.readUInt32LE(at + 24),
    tenth: tenth % WITH_WIDTH,
  };
}
