import { SMALLEST_CELL_VALUE } from "./decimal-cells.js";
import { decimalNumber } from "./decimal-number.js";
import type { SignedValue } from "./signed-cells.js";

/** Cells of a decade: those of three digits, as `SignedValue` finds them. */
export const CELLS_OF_DECADE = 900;
const FIRST_MANTISSA = 100;
const DIGITS_BELOW = 2;

/** Cells have numbers, which grow with their values: these are of values that are too small for a cell, and of those beyond the largest double. */
export const ZERO_CELL: number = -Infinity;
export const INFINITE_CELL: number = Infinity;

/** Where a cell ends: the smallest value above it. 0 of zero. */
export function upperEdge(cell: number): number {
  if (cell === ZERO_CELL) return 0;
  if (cell === INFINITE_CELL) return Infinity;
  const decade = Math.floor(cell / CELLS_OF_DECADE);
  return decimalNumber(FIRST_MANTISSA + (cell - decade * CELLS_OF_DECADE) + 1, decade - DIGITS_BELOW);
}

/** Cells, ascending, and how many values each has; both of shape [n]. */
export interface CellEntries {
  readonly cells: readonly number[];
  readonly counts: readonly number[];
}

/** Of so few cells it is cheaper to sort them than to look through their decades. */
const FEW = 64;

/** Counts by cell. Clearing it costs as much as what was added, so that it can be used again for a few values as well as for many. */
export class CellCounts {
  readonly #decades = new Map<number, Float64Array>();
  #cells: number[] = [];
  #zeros = 0;
  #infinite = 0;
  /** The decade that was used last. */
  #last: Float64Array = new Float64Array(0);
  #lastDecade = Number.NaN;
  /** How many values there are. */
  count = 0;

  /** Counts |value|. */
  add({ absolute, hasCell, decade, cell }: SignedValue): void {
    this.count += 1;
    if (hasCell) {
      const counts = decade === this.#lastDecade ? this.#last : this.#decadeAt(decade);
      const before = counts[cell] ?? 0;
      if (before === 0) this.#cells.push(decade * CELLS_OF_DECADE + cell);
      counts[cell] = before + 1;
    } else if (absolute < SMALLEST_CELL_VALUE) this.#zeros += 1;
    else this.#infinite += 1;
  }

  /** The cells that have values, ascending, and how many values each has. */
  entries(): CellEntries {
    const [cells, counts]: [number[], number[]] = [[], []];
    const add = (cell: number, count: number) => {
      if (count === 0) return;
      cells.push(cell);
      counts.push(count);
    };
    add(ZERO_CELL, this.#zeros);
    if (this.#cells.length <= FEW) for (const cell of this.#cells.toSorted((one, other) => one - other)) add(cell, this.#at(cell));
    else {
      for (const decade of [...this.#decades.keys()].toSorted((one, other) => one - other))
        for (const [at, count] of this.#decadeAt(decade).entries()) add(decade * CELLS_OF_DECADE + at, count);
    }
    add(INFINITE_CELL, this.#infinite);
    return { cells, counts };
  }

  #at(cell: number): number {
    const decade = Math.floor(cell / CELLS_OF_DECADE);
    return this.#decadeAt(decade)[cell - decade * CELLS_OF_DECADE] ?? 0;
  }

  clear(): void {
    for (const cell of this.#cells) {
      const decade = Math.floor(cell / CELLS_OF_DECADE);
      this.#decadeAt(decade)[cell - decade * CELLS_OF_DECADE] = 0;
    }
    this.#cells = [];
    this.#zeros = this.#infinite = this.count = 0;
  }

  #decadeAt(decade: number): Float64Array {
    if (decade === this.#lastDecade) return this.#last;
    let counts = this.#decades.get(decade);
    if (counts === undefined) this.#decades.set(decade, (counts = new Float64Array(CELLS_OF_DECADE)));
    this.#lastDecade = decade;
    return (this.#last = counts);
  }
}
