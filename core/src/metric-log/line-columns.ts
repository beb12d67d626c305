import { Ids } from "../frames/ids.js";

/** Room for ids, in bytes, and for lines, at first. */
const FIRST_BYTES = 1 << 16;
const FIRST_LINES = 1 << 12;

/** Lines of a log in columns: no object and no string for each of millions. */
export class LineColumns {
  #count = 0;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #ends = new Int32Array(FIRST_LINES + 1);
  #offsets = new Float64Array(FIRST_LINES);
  #yTrue = new Float64Array(FIRST_LINES);
  #yPred = new Float64Array(FIRST_LINES);

  get count(): number {
    return this.#count;
  }

  /** @param source - the id is `source[from .. to)`, in UTF-8. @param offset - of the line in the file. */
  add(source: Buffer, from: number, to: number, yTrue: number, yPred: number, offset: number): void {
    const row = this.#count;
    if (row === this.#offsets.length) this.#makeRoomForLines();
    const start = this.#ends[row] ?? 0;
    const end = start + to - from;
    if (end > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], Math.max(end, this.#bytes.length * 2));
    // An id has some twenty bytes: a call of copy costs more than they do.
    for (let i = from, at = start; i < to; i += 1, at += 1) this.#bytes[at] = source[i] ?? 0;
    this.#ends[row + 1] = end;
    this.#offsets[row] = offset;
    this.#yTrue[row] = yTrue;
    this.#yPred[row] = yPred;
    this.#count = row + 1;
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
    const ends = new Int32Array(room + 1);
    ends.set(this.#ends);
    this.#ends = ends;
  }

  /** What was added; all shapes [n]. */
  get columns() {
    const n = this.#count;
    return {
      ids: new Ids(this.#bytes.subarray(0, this.#ends[n] ?? 0), this.#ends.subarray(0, n + 1)),
      offsets: this.#offsets.subarray(0, n),
      yTrue: this.#yTrue.subarray(0, n),
      yPred: this.#yPred.subarray(0, n),
    };
  }
}
