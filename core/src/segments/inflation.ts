/** The median of χ² with one degree of freedom (scipy.stats.chi2.median(1)). */
const MEDIAN_CHI_SQUARED = 0.454936423119572;
/** Fewer changes say nothing. */
const LEAST_CHANGES = 8;
/** More change the median no more. */
const MOST_CHANGES = 10_000;

/** How a bin stood out in a block. */
export interface BinInBlock {
  readonly relative: number;
  readonly variance: number;
}

/**
 * How many times more the shares of a feature's bins change from block to block than those of rows drawn at random: where values and errors both follow in
 * time, a bin has bad and good spells by chance.
 *
 * What stands out by the same factor in both blocks cancels. The median is not moved by the bin that becomes bad in between.
 */
export class ShareInflation {
  #before: readonly (BinInBlock | undefined)[] = [];
  readonly #changes: number[] = [];

  /** @param bins - of the next block; undefined for a bin that says nothing. */
  add(bins: readonly (BinInBlock | undefined)[]): void {
    for (const [bin, now] of bins.entries()) {
      const before = this.#before[bin];
      if (now === undefined || before === undefined || !(now.variance + before.variance > 0)) continue;
      if (this.#changes.length === MOST_CHANGES) return;
      this.#changes.push((now.relative - before.relative) ** 2 / (now.variance + before.variance));
    }
    this.#before = bins;
  }

  /** At least 1. */
  value(): number {
    if (this.#changes.length < LEAST_CHANGES) return 1;
    const sorted = Float64Array.from(this.#changes).sort();
    return Math.max(1, (sorted[sorted.length >> 1] ?? 0) / MEDIAN_CHI_SQUARED);
  }
}
