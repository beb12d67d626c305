import { decadeOf, decimalNumber, wholeUnits } from "./decimal-number.js";

/** Values below this count as zero; it keeps every cell's width a normal double. */
export const SMALLEST_CELL_VALUE = 1e-300;

/** Digits of a cell unless it is said: a decade has the cells 1000 to 9999. */
const DIGITS = 4;

/** Bytes of 2^53 in pieces of seven bits. */
const MAX_VARINT_BYTES = 8;

/** The runs that `writeRuns` wrote, and where they end. */
export function readRuns(bytes: Buffer, start: number): { readonly runs: SavedRun[]; readonly end: number } {
  let at = start + 2;
  const runs = Array.from({ length: bytes.readUInt16LE(start) }, () => {
    const run = [bytes.readInt16LE(at), bytes.readUInt16LE(at + 2)];
    const length = bytes.readUInt16LE(at + 4);
    at += 6;
    for (let i = 0; i < length; i += 1) {
      let count = 0;
      let unit = 1;
      let byte = bytes[at++] ?? 0;
      for (; byte > 0x7f; byte = bytes[at++] ?? 0) {
        count += (byte & 0x7f) * unit;
        unit *= 0x80;
      }
      run.push(count + byte * unit);
    }
    return run;
  });
  return { runs, end: at };
}

/** One cell that is not empty: the values from `mantissa` × 10^`exponent` to below (`mantissa` + 1) × 10^`exponent`. */
export interface Cell {
  readonly mantissa: number;
  readonly exponent: number;
  readonly count: number;
}

/** @returns the exponent of a cell's width where `value` lies, which must be above zero: with four digits -3 for 1 to 10, -1 for 100 to 1000. */
export function cellExponentAt(value: number, digits = DIGITS): number {
  return decadeOf(value) - (digits - 1);
}

/**
 * The cells of one decade as they are kept, from its first to its last one that is not empty: the exponent of their width, the mantissa of
 * the first, and their counts.
 */
export type SavedRun = readonly number[];

/** Cells as they are kept: mantissa, exponent, count, mantissa, exponent, count… A mantissa of 0 is zero, one of -1 is Infinity. */
export type SavedCells = readonly number[];

const ZERO = 0;
const INFINITE = -1;

/**
 * Counts of values that are not negative, in cells of some decimal digits, four by default: 1.234 and 1.2349 share a cell, 1.235 is in the
 * next.
 *
 * A cell of four digits is at most a thousandth of the values in it wide, one of three a hundredth, at every magnitude. That is why one value far beyond the
 * others costs the others no resolution, and why the order of the values does not matter. Cell edges are decimal
 * numbers, so that a display bin with decimal edges is a union of cells and its count is exact. Two sets of cells merge into the cells
 * of both.
 *
 * Memory: 72 kB for each decade that occurs (7.2 kB with three digits). Real errors span fewer than 20 decades (1.4 MB); a log that had a value in
 * each of the 609 decades would need 44 MB, however many rows it has.
 */
export class DecimalCells {
  readonly #digits: number;
  readonly #firstMantissa: number;
  readonly #decades = new Map<number, Decade>();
  #zeros = 0;
  #infinities = 0;
  /** The decade that was used last: errors of one model share few. */
  #lastDecade = Number.NaN;
  #last = new Decade(0);

  constructor(digits = DIGITS) {
    this.#digits = digits;
    this.#firstMantissa = 10 ** (digits - 1);
  }

  /** Digits of a cell. */
  get digits(): number {
    return this.#digits;
  }

  /** Counts one value: not negative; Infinity is one. */
  add(value: number): void {
    if (value < SMALLEST_CELL_VALUE) {
      this.#zeros += 1;
      return;
    }
    if (value === Infinity) {
      this.#infinities += 1;
      return;
    }
    const decade = decadeOf(value);
    this.addTo(decade, wholeUnits(value, decade - (this.#digits - 1)) - this.#firstMantissa);
  }

  /** Counts one value whose cell is known already: its decade, and the number of the cell in it from 0. */
  addTo(decade: number, cell: number): void {
    this.#decadeAt(decade).add(cell, 1);
  }

  /** Adds the values of other cells with as many digits. */
  addAll(other: DecimalCells): void {
    this.#zeros += other.#zeros;
    this.#infinities += other.#infinities;
    for (const [decade, cells] of other.#decades) if (cells.count > 0) this.#decadeAt(decade).addAll(cells);
  }

  /** Takes all values out. Keeps the room of the decades that occurred. */
  clear(): void {
    this.#zeros = 0;
    this.#infinities = 0;
    for (const cells of this.#decades.values()) cells.clear();
  }

  /** Takes out one value that was added. */
  take(value: number): void {
    if (value < SMALLEST_CELL_VALUE) this.#zeros -= 1;
    else if (value === Infinity) this.#infinities -= 1;
    else {
      const decade = decadeOf(value);
      this.takeFrom(decade, wholeUnits(value, decade - (this.#digits - 1)) - this.#firstMantissa);
    }
  }

  /** Takes out one value whose cell is known already. */
  takeFrom(decade: number, cell: number): void {
    const cells = this.#decadeAt(decade);
    cells.add(cell, -1);
    if (cells.count > 0) return;
    this.#decades.delete(decade);
    this.#lastDecade = Number.NaN;
  }

  /** How many values there are. */
  get count(): number {
    let count = this.#zeros + this.#infinities;
    for (const { count: there } of this.#decades.values()) count += there;
    return count;
  }

  /** The smallest value, to within one cell width; NaN of none. */
  get smallest(): number {
    return this.#valueAt(0);
  }

  /** The largest value, to within one cell width; NaN of none. */
  get largest(): number {
    return this.#valueAt(this.count - 1);
  }

  /** @yields zero first when it occurs, as `{ mantissa: 0, exponent: 0 }`, then the finite cells that are not empty, in ascending order. */
  *cells(): Generator<Cell> {
    if (this.#zeros > 0) yield { mantissa: ZERO, exponent: 0, count: this.#zeros };
    for (const [decade, { cells }] of this.#ascending()) {
      const exponent = decade - (this.#digits - 1);
      for (const [index, count] of cells.entries()) if (count > 0) yield { mantissa: this.#firstMantissa + index, exponent, count };
    }
  }

  /**
   * @param ranks - 0 for the smallest value.
   * @returns the value of each rank to within one cell width, a thousandth of the value with four digits; values within a cell are taken as evenly spread.
   * NaN when there are not that many values.
   */
  valuesAt(ranks: readonly number[]): number[] {
    return ranks.map((rank) => this.#valueAt(rank));
  }

  #valueAt(rank: number): number {
    if (rank < this.#zeros) return 0;
    let below = this.#zeros;
    for (const [decade, { cells, count }] of this.#ascending()) {
      if (rank < below + count) return this.#valueIn(cells, decade - (this.#digits - 1), rank - below);
      below += count;
    }
    return rank < below + this.#infinities ? Infinity : Number.NaN;
  }

  /** How many values are below 10^`decade`. */
  countBelow(decade: number): number {
    let count = this.#zeros;
    for (const [at, { count: there }] of this.#decades) if (at < decade) count += there;
    return count;
  }

  save(): SavedCells {
    const finite = [...this.cells()].flatMap(({ mantissa, exponent, count }) => [mantissa, exponent, count]);
    return this.#infinities === 0 ? finite : [...finite, INFINITE, 0, this.#infinities];
  }

  /** Adds what `save` returned. */
  merge(saved: SavedCells): void {
    for (let i = 0; i + 2 < saved.length; i += 3) {
      const [mantissa = 0, exponent = 0, count = 0] = saved.slice(i, i + 3);
      if (mantissa === ZERO) this.#zeros += count;
      else if (mantissa === INFINITE) this.#infinities += count;
      else this.#decadeAt(exponent + this.#digits - 1).add(mantissa - this.#firstMantissa, count);
    }
  }

  /** Values of zero, or below `SMALLEST_CELL_VALUE`. */
  get zeros(): number {
    return this.#zeros;
  }

  get infinities(): number {
    return this.#infinities;
  }

  /** The finite cells above zero, a run for each decade, ascending. */
  saveRuns(): SavedRun[] {
    return this.#ascending().map(([decade, { cells }]) => {
      const first = cells.findIndex((count) => count > 0);
      const last = cells.findLastIndex((count) => count > 0);
      return [decade - (this.#digits - 1), this.#firstMantissa + first, ...cells.subarray(first, last + 1)];
    });
  }

  /** Adds what `saveRuns`, `zeros` and `infinities` were of other cells with as many digits. */
  mergeRuns(runs: readonly SavedRun[], zeros: number, infinities: number): void {
    this.#zeros += zeros;
    this.#infinities += infinities;
    for (const [exponent = 0, first = 0, ...counts] of runs) {
      const decade = this.#decadeAt(exponent + this.#digits - 1);
      for (const [i, count] of counts.entries()) if (count > 0) decade.add(first + i - this.#firstMantissa, count);
    }
  }

  /** The value of a rank among those in `cells`; 0 for their smallest. */
  #valueIn(cells: Float64Array, exponent: number, rank: number): number {
    let below = 0;
    let cell = 0;
    for (; below + (cells[cell] ?? 0) <= rank; cell += 1) below += cells[cell] ?? 0;
    const share = (rank - below + 0.5) / (cells[cell] ?? 1);
    return decimalNumber(this.#firstMantissa + cell, exponent) + decimalNumber(1, exponent) * share;
  }

  /** How many bytes `writeRuns` takes at most. */
  get runBytes(): number {
    return 2 + this.#decades.size * (6 + 9 * this.#firstMantissa * MAX_VARINT_BYTES);
  }

  /** Writes what `saveRuns` returns as bytes: how many runs (uint16), then of each exponent (int16), first mantissa, length (uint16), counts (varints). @returns the end. */
  writeRuns(bytes: Buffer, start: number): number {
    const decades = this.#ascending();
    let at = bytes.writeUInt16LE(decades.length, start);
    for (const [decade, { cells }] of decades) {
      let first = 0;
      let last = cells.length - 1;
      while (first < last && cells[first] === 0) first += 1;
      while (last > first && cells[last] === 0) last -= 1;
      at = bytes.writeInt16LE(decade - (this.#digits - 1), at);
      at = bytes.writeUInt16LE(this.#firstMantissa + first, at);
      at = bytes.writeUInt16LE(last + 1 - first, at);
      for (let cell = first; cell <= last; cell += 1) {
        let count = cells[cell] ?? 0;
        for (; count > 0x7f; count = Math.floor(count / 0x80)) bytes[at++] = (count % 0x80) | 0x80;
        bytes[at++] = count;
      }
    }
    return at;
  }

  #ascending(): [decade: number, Decade][] {
    return [...this.#decades].filter(([, { count }]) => count > 0).toSorted(([a], [b]) => a - b);
  }

  #decadeAt(decade: number): Decade {
    if (decade === this.#lastDecade) return this.#last;
    let found = this.#decades.get(decade);
    if (found === undefined) {
      found = new Decade(9 * this.#firstMantissa);
      this.#decades.set(decade, found);
    }
    this.#lastDecade = decade;
    this.#last = found;
    return found;
  }
}

/** The cells of one decade, allocated together when its first value comes. */
class Decade {
  // Doubles count exactly to 2^53; 32 bits would overflow after four hours of equal errors at 300,000 rows a second.
  readonly cells: Float64Array;
  count = 0;
  /** All cells that are not empty are between these two. */
  #first = Infinity;
  #last = -1;

  /** @param length - how many cells it has. */
  constructor(length: number) {
    this.cells = new Float64Array(length);
  }

  add(cell: number, count: number): void {
    this.cells[cell] = (this.cells[cell] ?? 0) + count;
    this.count += count;
    if (cell < this.#first) this.#first = cell;
    if (cell > this.#last) this.#last = cell;
  }

  addAll(other: Decade): void {
    for (let cell = other.#first; cell <= other.#last; cell += 1) this.cells[cell] = (this.cells[cell] ?? 0) + (other.cells[cell] ?? 0);
    this.count += other.count;
    this.#first = Math.min(this.#first, other.#first);
    this.#last = Math.max(this.#last, other.#last);
  }

  clear(): void {
    if (this.count > 0) this.cells.fill(0, this.#first, this.#last + 1);
    this.count = 0;
    this.#first = Infinity;
    this.#last = -1;
  }
}
