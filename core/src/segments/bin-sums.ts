/** Sums over the labelled rows that fell into each bin, shape [bins] each. With e = y_pred − y_true: */
export interface BinSums {
  readonly rows: Float64Array;
  /** Σ|e|. */
  readonly absolute: Float64Array;
  /** Σe². */
  readonly squares: Float64Array;
  /** Σe. */
  readonly errors: Float64Array;
}

/** The sums of one bin, or of several. */
export interface Sums {
  readonly rows: number;
  readonly absolute: number;
  readonly squares: number;
  readonly errors: number;
}

/** The sums of two features together: those of bin `one` of the first and bin `other` of the second are at `one · width + other`. */
export interface PairSums {
  readonly columns: readonly [number, number];
  /** Bins of the second. */
  readonly width: number;
  readonly sums: BinSums;
}

/** An hour of one model version, with bins of one reference. */
export interface SegmentHour {
  /** By column; every row is in one bin of each. */
  readonly columns: readonly BinSums[];
  /** Of a sample of the rows, chosen by their ids. */
  readonly pairs: readonly PairSums[];
  /** No |e| is larger; Infinity if that is not known. */
  readonly peak: number;
}

export const NO_ROWS: Sums = { rows: 0, absolute: 0, squares: 0, errors: 0 };

export function emptySums(bins: number): BinSums {
  return {
    rows: new Float64Array(bins),
    absolute: new Float64Array(bins),
    squares: new Float64Array(bins),
    errors: new Float64Array(bins),
  };
}

export function addBins(sums: BinSums, { rows, absolute, squares, errors }: BinSums): void {
  for (let bin = 0; bin < sums.rows.length; bin += 1) {
    sums.rows[bin] = (sums.rows[bin] ?? 0) + (rows[bin] ?? 0);
    sums.absolute[bin] = (sums.absolute[bin] ?? 0) + (absolute[bin] ?? 0);
    sums.squares[bin] = (sums.squares[bin] ?? 0) + (squares[bin] ?? 0);
    sums.errors[bin] = (sums.errors[bin] ?? 0) + (errors[bin] ?? 0);
  }
}

export function sumsOf({ rows, absolute, squares, errors }: BinSums, bin: number): Sums {
  return { rows: rows[bin] ?? 0, absolute: absolute[bin] ?? 0, squares: squares[bin] ?? 0, errors: errors[bin] ?? 0 };
}

export function plus(one: Sums, other: Sums): Sums {
  return {
    rows: one.rows + other.rows,
    absolute: one.absolute + other.absolute,
    squares: one.squares + other.squares,
    errors: one.errors + other.errors,
  };
}

/** All bins together. */
export function totalOf(sums: BinSums): Sums {
  return Array.from(sums.rows.keys(), (bin) => sumsOf(sums, bin)).reduce(plus, NO_ROWS);
}
