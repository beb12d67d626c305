import type { DecimalCells } from "../statistics/decimal-cells.js";
import { SignedCells, type SignedValue } from "../statistics/signed-cells.js";
import { ErrorSums } from "./error-sums.js";
import { IntervalSums } from "./interval-sums.js";
import { LabelLags } from "./label-lags.js";
import type { LabelledRow } from "./labelled-row.js";

/** What is known of some labelled rows. Neither their order matters, nor in which parts they were added. */
export class LabelledRows {
  /** By tenth of the prediction; undefined if it has no rows. */
  readonly tenths: (ErrorSums | undefined)[] = [];
  readonly errors = new SignedCells();
  readonly lags = new LabelLags();
  readonly intervals = new IntervalSums();
  /** The least and the greatest e, and the smallest |e|; NaN is left out. */
  least = Infinity;
  greatest = -Infinity;
  smallest = Infinity;

  add(row: LabelledRow): void {
    this.tenthAt(row.tenth).add(row);
    this.errors.add(row.error);
    this.lags.add(row.lagBin);
    this.intervals.add(row);
    this.reach(row.error.value, row.error.value, row.error.absolute);
  }

  /** Adds the rows of another part. */
  addAll(other: LabelledRows): void {
    for (const [tenth, sums] of other.tenths.entries()) if (sums !== undefined && sums.labelled > 0) this.tenthAt(tenth).addAll(sums);
    this.errors.addAll(other.errors);
    this.lags.addAll(other.lags);
    this.intervals.addAll(other.intervals);
    this.reach(other.least, other.greatest, other.smallest);
  }

  /** Extremes of rows that are added otherwise. */
  reach(least: number, greatest: number, smallest: number): void {
    if (least < this.least) this.least = least;
    if (greatest > this.greatest) this.greatest = greatest;
    if (smallest < this.smallest) this.smallest = smallest;
  }

  /** Another label takes the place of one that was counted. How long it took stays. An extreme that goes with it is known to within a hundredth. */
  replace(before: LabelledRow, after: LabelledRow): void {
    const sums = this.tenthAt(before.tenth);
    sums.remove(before);
    sums.add(after);
    this.errors.remove(before.error);
    this.errors.add(after.error);
    this.intervals.remove(before);
    this.intervals.add(after);
    this.#replaceExtremes(before.error, after.error);
  }

  /** An extreme may itself be known to its cell only, so that it goes with any value of that cell. */
  #replaceExtremes(before: SignedValue, after: SignedValue): void {
    const { value, absolute } = after;
    if (value <= this.least) this.least = value;
    else if (before.isAlike(this.least)) this.least = this.errors.least(after);
    if (value >= this.greatest) this.greatest = value;
    else if (before.isAlike(this.greatest)) this.greatest = this.errors.greatest(after);
    if (absolute <= this.smallest) this.smallest = absolute;
    else if (before.isAlike(this.smallest) || before.isAlike(-this.smallest)) this.smallest = this.errors.smallest(after);
  }

  tenthAt(tenth: number): ErrorSums {
    return (this.tenths[tenth] ??= new ErrorSums());
  }

  /** The sums over all of them. */
  total(): ErrorSums {
    const total = new ErrorSums();
    for (const sums of this.tenths) if (sums !== undefined) total.addAll(sums);
    return total;
  }

  /** Takes all rows out. */
  clear(): void {
    for (const sums of this.tenths) sums?.clear();
    this.errors.clear();
    this.lags.clear();
    this.intervals.clear();
    this.least = Infinity;
    this.greatest = -Infinity;
    this.smallest = Infinity;
  }

  /** The largest |e|; NaN of no rows. */
  get largest(): number {
    return this.least > this.greatest ? Number.NaN : Math.max(-this.least, this.greatest);
  }

  /** Quantiles of |e|, to within a hundredth; NaN of no rows. @param count - how many rows there are. */
  quantiles(count: number): (q: number) => number {
    let cells: DecimalCells | undefined;
    return (q) => {
      if (count === 0) return Number.NaN;
      cells ??= this.errors.absolute();
      const position = q * (count - 1);
      const [lower = NaN, upper = NaN] = cells.valuesAt([Math.floor(position), Math.ceil(position)]);
      return this.within(lower === upper ? lower : lower + (upper - lower) * (position % 1));
    };
  }

  /** Quantiles of e, to within a hundredth; NaN of no rows. @param shares - 0 to 1. @param count - how many rows there are. */
  signedQuantiles(shares: readonly number[], count: number): number[] {
    const ranks = shares.map((share) => Math.round(share * (count - 1)));
    return this.errors.valuesAt(ranks).map((value) => Math.min(Math.max(value, this.least), this.greatest));
  }

  /** A value of a cell, brought to where values are. */
  within(absolute: number): number {
    return Math.min(Math.max(absolute, this.smallest), this.largest);
  }
}
