import { decadeOf, decimalNumber, wholeUnits } from "./decimal-number.js";

/** Values below this count as zero; it keeps every cell's width a normal double. */
export const SMALLEST_CELL_VALUE = 1e-300;

// A cell starts at a decimal number of four digits, so that a decade has the cells 1000 to 9999.
const DIGITS = 4;
const FIRST_MANTISSA = 10 ** (DIGITS - 1);
const CELLS_PER_DECADE = 9 * FIRST_MANTISSA;

/** One cell that is not empty: the values from `mantissa` × 10^`exponent` to below (`mantissa` + 1) × 10^`exponent`. */
export interface Cell {
  readonly mantissa: number;
  readonly exponent: number;
  readonly count: number;
}

/** @returns the exponent of a cell's width where `value` lies, which must be above zero: -3 for 1 to 10, -1 for 100 to 1000. */
export function cellExponentAt(value: number): number {
  return decadeOf(value) - (DIGITS - 1);
}

/** Cells as they are kept: mantissa, exponent, count, mantissa, exponent, count… A mantissa of 0 is zero, one of -1 is Infinity. */
export type SavedCells = readonly number[];

const ZERO = 0;
const INFINITE = -1;

/**
 * Counts of values that are not negative, in cells of four decimal digits: 1.234 and 1.2349 share a cell, 1.235 is in the next.
 *
 * A cell is at most a thousandth of the values in it wide, at every magnitude. That is why one value far beyond the
 * others costs the others no resolution, and why the order of the values does not matter. Cell edges are decimal
 * numbers, so that a display bin with decimal edges is a union of cells and its count is exact. Two sets of cells merge into the cells
 * of both.
 *
 * Memory: 72 kB for each decade that occurs. Real errors span fewer than 20 decades (1.4 MB); a log that had a value in
 * each of the 609 decades would need 44 MB, however many rows it has.
 */
export class DecimalCells {
  readonly #decades = new Map<number, Decade>();
  #zeros = 0;
  #infinities = 0;

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
    const cell = wholeUnits(value, decade - (DIGITS - 1)) - FIRST_MANTISSA;
    this.#decadeAt(decade).add(cell, 1);
  }

  /** @yields zero first when it occurs, as `{ mantissa: 0, exponent: 0 }`, then the finite cells that are not empty, in ascending order. */
  *cells(): Generator<Cell> {
    if (this.#zeros > 0) yield { mantissa: ZERO, exponent: 0, count: this.#zeros };
    for (const [decade, { cells }] of this.#ascending()) {
      const exponent = decade - (DIGITS - 1);
      for (const [index, count] of cells.entries()) if (count > 0) yield { mantissa: FIRST_MANTISSA + index, exponent, count };
    }
  }

  /**
   * @param ranks - 0 for the smallest value.
   * @returns the value of each rank to within one cell width, a thousandth of the value; values within a cell are taken as evenly spread.
   * NaN when there are not that many values.
   */
  valuesAt(ranks: readonly number[]): number[] {
    return ranks.map((rank) => this.#valueAt(rank));
  }

  #valueAt(rank: number): number {
    if (rank < this.#zeros) return 0;
    let below = this.#zeros;
    for (const [decade, { cells, count }] of this.#ascending()) {
      if (rank < below + count) return valueIn(cells, decade - (DIGITS - 1), rank - below);
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
      else this.#decadeAt(exponent + DIGITS - 1).add(mantissa - FIRST_MANTISSA, count);
    }
  }

  #ascending(): [decade: number, Decade][] {
    return [...this.#decades].toSorted(([a], [b]) => a - b);
  }

  #decadeAt(decade: number): Decade {
    let found = this.#decades.get(decade);
    if (found === undefined) {
      found = new Decade();
      this.#decades.set(decade, found);
    }
    return found;
  }
}

/** The cells of one decade, allocated together when its first value comes. */
class Decade {
  // Doubles count exactly to 2^53; 32 bits would overflow after four hours of equal errors at 300,000 rows a second.
  readonly cells = new Float64Array(CELLS_PER_DECADE);
  count = 0;

  add(cell: number, count: number): void {
    this.cells[cell] = (this.cells[cell] ?? 0) + count;
    this.count += count;
  }
}

/** The value of a rank among those in `cells`; 0 for their smallest. */
function valueIn(cells: Float64Array, exponent: number, rank: number): number {
  let below = 0;
  let cell = 0;
  for (; below + (cells[cell] ?? 0) <= rank; cell += 1) below += cells[cell] ?? 0;
  const share = (rank - below + 0.5) / (cells[cell] ?? 1);
  return decimalNumber(FIRST_MANTISSA + cell, exponent) + decimalNumber(1, exponent) * share;
}
