import Type from "typebox";
import { SavedDouble } from "../runtime/saved-value.js";
import { binsOf, gridOf, type Bin } from "./bin-cells.js";
import { DecimalCells, type SavedCells } from "./decimal-cells.js";

/** As many values as these are kept as they came, so that the quantiles of a small log are exact. */
export const EXACT_VALUES = 4_096;

/** A histogram as it is kept. */
export interface SavedHistogram {
  readonly cells: SavedCells;
  /** All values, ascending; empty if there are more than `EXACT_VALUES`. */
  readonly exact: readonly number[];
  /** NaN while there are no values. */
  readonly min: number;
  readonly max: number;
}

/** What a saved histogram looks like. */
export const HistogramSchema = Type.Object({
  cells: Type.Array(Type.Integer()),
  exact: Type.Array(SavedDouble),
  min: SavedDouble,
  max: SavedDouble,
} satisfies Record<keyof SavedHistogram, unknown>);

/** A value that cannot be an absolute error was given to the histogram. */
export class NotAnAbsoluteErrorError extends Error {
  override readonly name = "NotAnAbsoluteErrorError";
  readonly value: number;

  constructor(value: number) {
    super(`An absolute error is a number, zero or more, not ${value}: check rows before they are added.`);
    this.value = value;
  }
}

/**
 * The distribution of absolute errors, for any number of rows in bounded memory (see `DecimalCells`). It does not depend on the order in
 * which errors come, nor on how they were merged.
 *
 * Counts, `min` and `max` are exact. Up to 4,096 values are kept as well; while there are no more, quantiles are exact too.
 */
export class ErrorHistogram {
  readonly #cells = new DecimalCells();
  readonly #firstValues = new Float64Array(EXACT_VALUES);
  #count = 0;
  #min = Infinity;
  #max = -Infinity;

  /**
   * Counts absolute errors in the target's unit, in any order. Infinity stands for one beyond the largest double.
   *
   * @throws NotAnAbsoluteErrorError at a value that is negative or NaN; the values before it stay counted.
   */
  add(values: Float64Array | readonly number[]): void {
    for (let i = 0; i < values.length; i += 1) this.#addOne(values[i] ?? Number.NaN);
  }

  get count(): number {
    return this.#count;
  }

  get min(): number {
    return this.#count === 0 ? NaN : this.#min;
  }

  get max(): number {
    return this.#count === 0 ? NaN : this.#max;
  }

  /** @param q - 0 to 1. @returns one of `quantiles`. */
  quantile(q: number): number {
    return this.quantiles([q])[0] ?? NaN;
  }

  /**
   * @param shares - from 0 to 1, ascending.
   * @returns the quantiles by linear interpolation between the two nearest ranks, as `numpy.quantile` does; NaN when empty.
   * Up to 4,096 values they are exact. Beyond, the error is at most one cell width: a thousandth of the larger of the two
   * values between which the quantile lies.
   */
  quantiles(shares: readonly number[]): number[] {
    if (this.#count === 0) return shares.map(() => NaN);
    const positions = shares.map((q) => q * (this.#count - 1));
    const values = this.#valuesAt(positions.flatMap((position) => [Math.floor(position), Math.ceil(position)]));
    return positions.map((position, i) => between(values[2 * i] ?? NaN, values[2 * i + 1] ?? NaN, position % 1));
  }

  /** @param ranks - ascending. */
  #valuesAt(ranks: readonly number[]): number[] {
    if (this.#count <= EXACT_VALUES) {
      const sorted = this.#firstValues.slice(0, this.#count).sort();
      return ranks.map((rank) => sorted[rank] ?? NaN);
    }
    // A cell holds the smallest or the largest value; what is spread evenly within it must not pass them.
    return this.#cells.valuesAt(ranks).map((value) => Math.min(Math.max(value, this.#min), this.#max));
  }

  /**
   * @returns the bins to show, ascending and side by side; `count`s add up to the number of values. None when empty.
   * 12 to 30 bins, 1, 2 or 5 × 10^k wide; one more, to Infinity, when the largest values are far beyond p99 or p95.
   */
  bins(): Bin[] {
    if (this.#count === 0) return [];
    const grid = gridOf({
      count: this.#count,
      min: this.#min,
      cells: this.#cells,
      valuesAt: (ranks) => this.#valuesAt(ranks),
      quantiles: (shares) => this.quantiles(shares),
    });
    return binsOf(this.#cells.cells(), grid, this.#count);
  }

  save(): SavedHistogram {
    const exact = this.#count > EXACT_VALUES ? [] : [...this.#firstValues.slice(0, this.#count).sort()];
    return { cells: this.#cells.save(), exact, min: this.min, max: this.max };
  }

  /** Adds what `save` returned. */
  merge({ cells, exact, min, max }: SavedHistogram): void {
    if (Number.isNaN(min)) return;
    if (exact.length > 0) {
      this.add(exact);
      return;
    }
    this.#cells.merge(cells);
    for (let i = 2; i < cells.length; i += 3) this.#count += cells[i] ?? 0;
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
  }

  #addOne(value: number): void {
    if (!(value >= 0)) throw new NotAnAbsoluteErrorError(value);
    if (this.#count < EXACT_VALUES) this.#firstValues[this.#count] = value;
    this.#cells.add(value);
    this.#count += 1;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }
}

/** Interpolates without leaving the doubles: the difference of two of them may be beyond. */
function between(lower: number, upper: number, part: number): number {
  return part === 0 || lower === upper ? lower : lower + (upper - lower) * part;
}
