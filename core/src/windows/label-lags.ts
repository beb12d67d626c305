/** Bins of lags: below 1 ms, below 2, below 4, and so on to 2^50 ms. */
const BINS = 52;

/** How long labels took, in bins whose edges are powers of two of a ms. Does not depend on their order. */
export class LabelLags {
  readonly #counts = new Float64Array(BINS);

  /** @param bin - see `lagBin`. */
  add(bin: number): void {
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
  }

  /** Adds the lags of other labels. */
  addAll(other: LabelLags): void {
    this.merge(other.#counts);
  }

  clear(): void {
    this.#counts.fill(0);
  }

  /**
   * @param q - 0 to 1.
   * @returns the quantile in ms, taken as evenly spread within its bin, so at most twice the true one and at least half of it; NaN of no lags.
   */
  quantile(q: number): number {
    const count = this.#counts.reduce((sum, each) => sum + each, 0);
    if (count === 0) return Number.NaN;
    const rank = Math.floor(q * (count - 1));
    let below = 0;
    let bin = 0;
    for (; below + (this.#counts[bin] ?? 0) <= rank; bin += 1) below += this.#counts[bin] ?? 0;
    const from = edgeBelow(bin);
    return from + (2 ** bin - from) * ((rank - below + 0.5) / (this.#counts[bin] ?? 1));
  }

  /** What the quantile is at least: the lower edge of its bin, in ms; NaN of no lags. @param q - 0 to 1. */
  atLeast(q: number): number {
    const quantile = this.quantile(q);
    return Number.isNaN(quantile) ? quantile : edgeBelow(lagBin(quantile));
  }

  /** The counts of the bins, without the empty ones at the end. */
  save(): number[] {
    return [...this.#counts.subarray(0, this.#counts.findLastIndex((count) => count > 0) + 1)];
  }

  /** Adds what `save` returned. */
  merge(saved: ArrayLike<number>): void {
    for (let bin = 0; bin < saved.length; bin += 1) this.#counts[bin] = (this.#counts[bin] ?? 0) + (saved[bin] ?? 0);
  }
}

function edgeBelow(bin: number): number {
  return bin === 0 ? 0 : 2 ** (bin - 1);
}

/** The bin of a lag. @param lagMs - below 0 counts as 0. */
export function lagBin(lagMs: number): number {
  if (lagMs < 1) return 0;
  if (lagMs < 2 ** 32) return 32 - Math.clz32(lagMs);
  return Math.min(BINS - 1, 64 - Math.clz32(lagMs / 2 ** 32));
}
