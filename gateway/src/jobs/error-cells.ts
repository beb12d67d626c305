/** Statistics of the errors of a job, in the target's unit; null where there are too few rows. */
export interface ErrorStatistics {
  /** Rows with both a prediction and a label. */
  readonly count: number;
  readonly mae: number | null;
  readonly rmse: number | null;
  /** Mean of y_pred - y_true. */
  readonly bias: number | null;
  readonly r2: number | null;
  /** Quantiles of the absolute error, at most a thousandth of their value off. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly histogram: { readonly width: number; readonly counts: readonly number[] };
}

const MOST_BINS = 24;

/**
 * Gathers errors in bounded memory: sums, and counts in cells that hold the absolute errors with the same first three decimal
 * digits, 1.23 to below 1.24 and 123 to below 124.
 */
export class ErrorCells {
  #count = 0;
  #absolute = 0;
  #squares = 0;
  #sum = 0;
  #max = 0;
  #mean = 0;
  #spread = 0;
  readonly #cells = new Map<number, number>();

  add(yTrue: number, yPred: number): void {
    const error = yPred - yTrue;
    const size = Math.abs(error);
    this.#count += 1;
    this.#absolute += size;
    this.#squares += error * error;
    this.#sum += error;
    this.#max = Math.max(this.#max, size);
    // Welford (1962): the spread of y_true in one pass.
    const delta = yTrue - this.#mean;
    this.#mean += delta / this.#count;
    this.#spread += delta * (yTrue - this.#mean);
    const cell = cellOf(size);
    this.#cells.set(cell, (this.#cells.get(cell) ?? 0) + 1);
  }

  get statistics(): ErrorStatistics {
    const count = this.#count;
    const some = (value: number, least = 1) => (count >= least && Number.isFinite(value) ? value : null);
    const cells = [...this.#cells].toSorted(([one], [other]) => one - other);
    return {
      count,
      mae: some(this.#absolute / count),
      rmse: some(Math.sqrt(this.#squares / count)),
      bias: some(this.#sum / count),
      r2: some(1 - this.#squares / this.#spread, 2),
      p50: some(quantile(cells, count, 0.5)),
      p95: some(quantile(cells, count, 0.95)),
      p99: some(quantile(cells, count, 0.99)),
      max: some(this.#max),
      histogram: histogram(cells, this.#max),
    };
  }
}

type Cells = readonly (readonly [cell: number, count: number])[];

/** Cells of a decade; those of zero and what is too small to tell from it share number -Infinity. */
const PER_DECADE = 900;
const SMALLEST = 1e-300;

function cellOf(size: number): number {
  if (size < SMALLEST) return -Infinity;
  const decade = Math.floor(Math.log10(size));
  const digits = Math.floor((size / 10 ** decade) * 100 + 1e-9);
  // A rounded logarithm may be off by one at a power of ten.
  return decade * PER_DECADE + Math.min(999, Math.max(100, digits)) - 100;
}

/** The lower end of a cell. */
function valueOf(cell: number): number {
  if (cell === -Infinity) return 0;
  const decade = Math.floor(cell / PER_DECADE);
  return ((cell - decade * PER_DECADE + 100) / 100) * 10 ** decade;
}

function quantile(cells: Cells, count: number, share: number): number {
  let seen = 0;
  for (const [cell, inCell] of cells) {
    seen += inCell;
    if (seen >= share * count) return valueOf(cell);
  }
  return Number.NaN;
}

/** Bins whose width is 1, 2 or 5 times a power of ten, at most 24 of them. */
function histogram(cells: Cells, max: number): ErrorStatistics["histogram"] {
  if (cells.length === 0 || !Number.isFinite(max)) return { width: 1, counts: [] };
  const power = 10 ** Math.floor(Math.log10(Math.max(max, SMALLEST) / MOST_BINS));
  const width = [1, 2, 5, 10].map((step) => step * power).find((wide) => max / wide < MOST_BINS) ?? 10 * power;
  const counts = Array.from({ length: Math.floor(max / width) + 1 }, () => 0);
  for (const [cell, inCell] of cells) {
    // A little more, since the end of a cell is a rounded number.
    const bin = Math.min(counts.length - 1, Math.floor((valueOf(cell) / width) * (1 + 1e-12)));
    counts[bin] = (counts[bin] ?? 0) + inCell;
  }
  return { width, counts };
}
