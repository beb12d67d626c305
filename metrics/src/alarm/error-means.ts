/** Errors are capped at this multiple of the mean of the first rows, for what a better model is measured by. */
const CAP = 4;
/** Rows after which the cap is fixed. */
const CAP_ROWS = 50;
/** The fewest rows from which a bound is computed; fewer do not determine the spread. */
const LEAST_ROWS = 30;
/** A larger error is left out: its square is no double. */
export const MAX_ERROR = 1e150;

/** Where each number stands. */
const COUNT = 0;
const MEAN = 1;
const SPREAD = 2;
const NON_ZERO = 3;
const CAP_AT = 4;
const CAPPED_COUNT = 5;
const CAPPED_MEAN = 6;
const CAPPED_SPREAD = 7;

/** What errors say of their mean. */
export interface MeanError {
  readonly rows: number;
  readonly mean: number;
  /** The upper confidence bound of the mean. */
  readonly upper: number;
}

/** What errors say of the mean of min(error, cap). */
export interface CappedMean {
  readonly cap: number;
  /** The lower confidence bound of that mean; above 0. */
  readonly lower: number;
}

/**
 * The mean of errors, and that of errors that are capped: the mean of unbounded errors has no lower bound that a test could refute, as rare
 * and huge ones may carry all of it.
 *
 * Bounds are mean ± z · s · √(τ / n): n rows that depend on each other say as much as n / τ that do not (see `Dependence`).
 */
export class ErrorMeans {
  /** Doubles in the state. */
  static readonly doubles = 8;

  readonly #state: Float64Array;

  /** @param state - where the numbers are kept. */
  constructor(state: Float64Array) {
    this.#state = state;
  }

  add(error: number): void {
    if (error > MAX_ERROR) return;
    const state = this.#state;
    const rows = (state[COUNT] ?? 0) + 1;
    state[COUNT] = rows;
    if (error > 0) state[NON_ZERO] = (state[NON_ZERO] ?? 0) + 1;
    addToMean(state, MEAN, SPREAD, rows, error);
    const cap = state[CAP_AT] ?? 0;
    if (cap === 0) {
      if (rows >= CAP_ROWS) state[CAP_AT] = CAP * (state[MEAN] ?? 0);
      return;
    }
    const capped = (state[CAPPED_COUNT] ?? 0) + 1;
    state[CAPPED_COUNT] = capped;
    addToMean(state, CAPPED_MEAN, CAPPED_SPREAD, capped, Math.min(error, cap));
  }

  /** Rows so far. */
  get rows(): number {
    return this.#state[COUNT] ?? 0;
  }

  /** Rows so far whose error is not 0. */
  get nonZero(): number {
    return this.#state[NON_ZERO] ?? 0;
  }

  /** Whether the standard error is at most so large a share of the mean. */
  isKnownTo(share: number, inflation: number): boolean {
    const [rows = 0, mean = 0, spread = 0] = this.#state;
    return standardError(rows, spread, inflation) <= share * mean;
  }

  /** The mean and its bound; undefined if there are too few rows. */
  mean(z: number, inflation: number): MeanError | undefined {
    const [rows = 0, mean = 0, spread = 0] = this.#state;
    return rows < LEAST_ROWS ? undefined : { rows, mean, upper: mean + z * standardError(rows, spread, inflation) };
  }

  /** The mean of capped errors; undefined if there are too few rows, or its bound is not above 0. */
  capped(z: number, inflation: number): CappedMean | undefined {
    const state = this.#state;
    const rows = state[CAPPED_COUNT] ?? 0;
    const lower = (state[CAPPED_MEAN] ?? 0) - z * standardError(rows, state[CAPPED_SPREAD] ?? 0, inflation);
    return rows < LEAST_ROWS || !(lower > 0) ? undefined : { cap: state[CAP_AT] ?? 0, lower };
  }
}

/** The standard error of a mean. @param spread - the sum of squares of the deviations. @param inflation - τ. */
function standardError(rows: number, spread: number, inflation: number): number {
  return Math.sqrt(((spread / (rows - 1)) * inflation) / rows);
}

/** Welford's update: B. P. Welford, Technometrics 4 (1962), 419–420. */
function addToMean(state: Float64Array, meanAt: number, spreadAt: number, rows: number, value: number): void {
  const mean = state[meanAt] ?? 0;
  const next = mean + (value - mean) / rows;
  state[meanAt] = next;
  state[spreadAt] = (state[spreadAt] ?? 0) + (value - mean) * (value - next);
}
