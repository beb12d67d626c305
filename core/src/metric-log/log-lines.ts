import { Ids } from "../frames/ids.js";

/** Consecutive lines of a log in columns, without the malformed ones; shapes [n]. */
export interface LogLines {
  readonly ids: Ids;
  /** Where each line begins in the file. */
  readonly offsets: Float64Array;
  readonly yTrue: Float64Array;
  readonly yPred: Float64Array;
  /** Zero or more; Infinity if y_true and y_pred are further apart than the largest double. */
  readonly absoluteErrors: Float64Array;
  /** Where the malformed lines between them begin in the file. */
  readonly malformed: readonly number[];
  /** How many malformed lines follow the last good one. */
  readonly malformedAtEnd: number;
  /** Offset behind the last good line; 0 if there is none. */
  readonly goodUpTo: number;
  /** Lines of missing parts before these lines. */
  readonly skipped: number;
}

/** Room for ids, in bytes, and for lines, at first. */
const FIRST_BYTES = 1 << 16;
const FIRST_LINES = 1 << 12;

/** The numbers of a line. */
interface LineNumbers {
  readonly yTrue: number;
  readonly yPred: number;
  readonly absoluteError: number;
}

/** Gathers lines in columns: no object and no string for each of millions. */
export class LineColumns {
  #count = 0;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #ends = new Int32Array(FIRST_LINES + 1);
  #offsets = new Float64Array(FIRST_LINES);
  #yTrue = new Float64Array(FIRST_LINES);
  #yPred = new Float64Array(FIRST_LINES);
  #absoluteErrors = new Float64Array(FIRST_LINES);
  readonly #malformed: number[] = [];
  #malformedAtEnd = 0;
  #goodUpTo = 0;

  /** Adds a line. @param source - the id is `source[from .. to)`, in UTF-8. @param offset - of the line in the file. @param end - behind it. */
  add(source: Buffer, from: number, to: number, { yTrue, yPred, absoluteError }: LineNumbers, offset: number, end: number): void {
    const row = this.#count;
    if (row === this.#offsets.length) this.#makeRoomForLines();
    const start = this.#ends[row] ?? 0;
    const idEnd = start + to - from;
    if (idEnd > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], Math.max(idEnd, this.#bytes.length * 2));
    // An id has some twenty bytes: a call of copy costs more than they do.
    for (let i = from, at = start; i < to; i += 1, at += 1) this.#bytes[at] = source[i] ?? 0;
    this.#ends[row + 1] = idEnd;
    this.#offsets[row] = offset;
    this.#yTrue[row] = yTrue;
    this.#yPred[row] = yPred;
    this.#absoluteErrors[row] = absoluteError;
    this.#count = row + 1;
    this.#goodUpTo = end;
    this.#malformedAtEnd = 0;
  }

  /** Notes a malformed line. @param offset - of the line in the file. */
  addMalformed(offset: number): void {
    this.#malformed.push(offset);
    this.#malformedAtEnd += 1;
  }

  #makeRoomForLines(): void {
    const room = this.#offsets.length * 2;
    const wider = (column: Float64Array) => {
      const larger = new Float64Array(room);
      larger.set(column);
      return larger;
    };
    this.#offsets = wider(this.#offsets);
    this.#yTrue = wider(this.#yTrue);
    this.#yPred = wider(this.#yPred);
    this.#absoluteErrors = wider(this.#absoluteErrors);
    const ends = new Int32Array(room + 1);
    ends.set(this.#ends);
    this.#ends = ends;
  }

  /** What was added. */
  get lines(): LogLines {
    const n = this.#count;
    return {
      ids: new Ids(this.#bytes.subarray(0, this.#ends[n] ?? 0), this.#ends.subarray(0, n + 1)),
      offsets: this.#offsets.subarray(0, n),
      yTrue: this.#yTrue.subarray(0, n),
      yPred: this.#yPred.subarray(0, n),
      absoluteErrors: this.#absoluteErrors.subarray(0, n),
      malformed: this.#malformed,
      malformedAtEnd: this.#malformedAtEnd,
      goodUpTo: this.#goodUpTo,
      skipped: 0,
    };
  }
}
