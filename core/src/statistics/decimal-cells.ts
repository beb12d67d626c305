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

/**
 * Counts of values that are not negative, in cells of four decimal digits: 1.234 and 1.2349 share a cell, 1.235 is in the next.
 *
 * A cell is at most a thousandth of the values in it wide, at every magnitude. That is why one value far beyond the
 * others costs the others no resolution, and why the order of the values does not matter. Cell edges are decimal
 * numbers, so that a display bin with decimal edges is a union of cells and its count is exact.
 *
 * Memory: 72 kB for each decade that occurs. Real errors span fewer than 20 decades (1.4 MB); a log that had a value in
 * each of the 609 decades would need 44 MB, however many rows it has.
 */
export class DecimalCells {
  readonly #decades = new Map<number, Float64Array>();
  #zeros = 0;

  /** Counts one value: finite, not negative. */
  add(value: number): void {
    if (value < SMALLEST_CELL_VALUE) {
      this.#zeros += 1;
      return;
    }
    const decade = decadeOf(value);
    const cell = wholeUnits(value, decade - (DIGITS - 1)) - FIRST_MANTISSA;
    const cells = this.#cellsOf(decade);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }

  /** @yields zero first when it occurs, as `{ mantissa: 0, exponent: 0 }`, then the cells that are not empty, in ascending order. */
  *cells(): Generator<Cell> {
    if (this.#zeros > 0) yield { mantissa: 0, exponent: 0, count: this.#zeros };
    for (const decade of [...this.#decades.keys()].toSorted((a, b) => a - b)) {
      const exponent = decade - (DIGITS - 1);
      for (const [index, count] of this.#cellsOf(decade).entries()) {
        if (count > 0) yield { mantissa: FIRST_MANTISSA + index, exponent, count };
      }
    }
  }

  /**
   * @param rank - 0 for the smallest value.
   * @returns the value of that rank to within one cell width, a thousandth of the value; values within a cell are taken as evenly spread.
   * NaN when there are not that many values.
   */
  valueAt(rank: number): number {
    let below = 0;
    for (const { mantissa, exponent, count } of this.cells()) {
      if (rank < below + count) {
        if (mantissa === 0) return 0;
        const width = decimalNumber(1, exponent);
        return decimalNumber(mantissa, exponent) + (width * (rank - below + 0.5)) / count;
      }
      below += count;
    }
    return NaN;
  }

  #cellsOf(decade: number): Float64Array {
    let cells = this.#decades.get(decade);
    if (cells === undefined) {
      // Doubles count exactly to 2^53; 32 bits would overflow after four hours of equal errors at 300,000 rows a second.
      cells = new Float64Array(CELLS_PER_DECADE);
      this.#decades.set(decade, cells);
    }
    return cells;
  }
}
