import { DecimalCells } from "./decimal-cells.js";
import { decimalNumber } from "./decimal-number.js";
import { fitBins } from "./fit-bins.js";

/** As many values as these are kept as they came, so that the quantiles of a small log are exact. */
export const EXACT_VALUES = 4_096;

/** Values from `from` to below `to`; `to` is Infinity for the bin that gathers a heavy tail. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** What is known of the absolute errors; all but `count` and `bins` are NaN while there are none. */
export interface ErrorSummary {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
  readonly bins: readonly Bin[];
}

/** A value that cannot be an absolute error was given to the histogram. */
export class NotAnAbsoluteErrorError extends Error {
  override readonly name = "NotAnAbsoluteErrorError";
  readonly value: number;

  constructor(value: number) {
    super(`An absolute error is a finite number, zero or more, not ${value}: check rows before they are added.`);
    this.value = value;
  }
}

/**
 * The distribution of absolute errors, for any number of rows in bounded memory (see `DecimalCells`).
 *
 * Counts, `min` and `max` are exact, `mean` is exact to the rounding of a double. The first 4,096 values are kept as
 * well; while there are no more, quantiles are exact too.
 */
export class ErrorHistogram {
  readonly #cells = new DecimalCells();
  readonly #firstValues = new Float64Array(EXACT_VALUES);
  #count = 0;
  #mean = 0;
  #meanRounding = 0;
  #min = Infinity;
  #max = -Infinity;

  /**
   * Counts absolute errors in the target's unit, in any order.
   *
   * @throws NotAnAbsoluteErrorError at a value that is negative or not finite; the values before it stay counted.
   */
  add(values: Float64Array | readonly number[]): void {
    for (const value of values) this.#addOne(value);
  }

  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#count === 0 ? NaN : this.#mean;
  }

  get min(): number {
    return this.#count === 0 ? NaN : this.#min;
  }

  get max(): number {
    return this.#count === 0 ? NaN : this.#max;
  }

  /**
   * @param q - 0 to 1.
   * @returns the quantile by linear interpolation between the two nearest ranks, as `numpy.quantile` does; NaN when empty.
   * Up to 4,096 values it is exact. Beyond, the error is at most one cell width: a thousandth of the larger of the two
   * values between which it lies.
   */
  quantile(q: number): number {
    if (this.#count === 0) return NaN;
    const position = q * (this.#count - 1);
    const rank = Math.floor(position);
    const valueAt = this.#valueByRank();
    const lower = valueAt(rank);
    const part = position - rank;
    return part === 0 ? lower : lower + (valueAt(rank + 1) - lower) * part;
  }

  /**
   * @returns the bins to show, ascending and side by side; `count`s add up to the number of values. None when empty.
   * 12 to 30 bins, 1, 2 or 5 × 10^k wide; one more, to Infinity, when the largest values are far beyond p99 or p95.
   */
  bins(): Bin[] {
    if (this.#count === 0) return [];
    const { first, bins, step, exponent } = fitBins(this.#min, this.quantile(0.95), this.quantile(0.99), this.#max);
    const counts = new Float64Array(bins);
    let shown = 0;
    for (const cell of this.#cells.cells()) {
      // Cells wider than a bin's unit are beyond the last bin, which is a union of cells.
      if (cell.mantissa > 0 && cell.exponent > exponent) break;
      const index = Math.floor(cell.mantissa / (step * 10 ** (exponent - cell.exponent))) - first;
      if (index >= bins) break;
      counts[index] = (counts[index] ?? 0) + cell.count;
      shown += cell.count;
    }
    const edge = (index: number): number => decimalNumber((first + index) * step, exponent);
    const shownBins = Array.from(counts, (count, index) => ({ from: edge(index), to: edge(index + 1), count }));
    if (shown === this.#count) return shownBins;
    return [...shownBins, { from: edge(bins), to: Infinity, count: this.#count - shown }];
  }

  /** @returns what a picture needs, as of now. */
  summary(): ErrorSummary {
    return {
      count: this.count,
      mean: this.mean,
      median: this.quantile(0.5),
      p95: this.quantile(0.95),
      min: this.min,
      max: this.max,
      bins: this.bins(),
    };
  }

  #addOne(value: number): void {
    if (!(value >= 0 && value < Infinity)) throw new NotAnAbsoluteErrorError(value);
    if (this.#count < EXACT_VALUES) this.#firstValues[this.#count] = value;
    this.#cells.add(value);
    this.#count += 1;
    this.#moveMean(value);
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** Welford's running mean with Kahan's compensation: no sum that could overflow, and no rounding that adds up over rows. */
  #moveMean(value: number): void {
    const change = (value - this.#mean) / this.#count - this.#meanRounding;
    const moved = this.#mean + change;
    this.#meanRounding = moved - this.#mean - change;
    this.#mean = moved;
  }

  #valueByRank(): (rank: number) => number {
    if (this.#count <= EXACT_VALUES) {
      const sorted = this.#firstValues.slice(0, this.#count).sort();
      return (rank) => sorted[rank] ?? NaN;
    }
    // A cell holds the smallest or the largest value; what is spread evenly within it must not pass them.
    return (rank) => Math.min(Math.max(this.#cells.valueAt(rank), this.#min), this.#max);
  }
}
