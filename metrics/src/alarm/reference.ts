import { Dependence } from "./dependence.js";

/** The normal quantile of 95 %: the mean plus so many standard errors is the upper 95 % bound of a mean. */
const Z95 = 1.6448536269514722;
/** Errors are capped at this multiple of the mean of the first rows, for what a better model is measured by. */
const CAP = 4;
/** Rows after which the cap is fixed. */
const CAP_ROWS = 50;
/** The fewest rows from which a bound is computed; fewer do not determine the spread. */
const LEAST_ROWS = 30;
/** A larger error is left out of a reference: its square is no double. */
const MAX_ERROR = 1e150;

/** Where each number of a cell stands. */
const COUNT = 0;
const MEAN = 1;
const SPREAD = 2;
const NON_ZERO = 3;
const CAP_AT = 4;
const CAPPED_COUNT = 5;
const CAPPED_MEAN = 6;
const CAPPED_SPREAD = 7;
const CELL_DOUBLES = 8;

/** Rows of a block, in τ: the means of such blocks hardly depend on each other. */
const BLOCK = 4;
/** A reference has at least this many blocks, and knows its mean to this share of it (one standard error). */
const LEAST_BLOCKS = 16;
const MEAN_KNOWN_TO = 0.1;

/** What a reference says of the mean error. */
export interface ReferenceMean {
  readonly rows: number;
  readonly mean: number;
  /** The upper 95 % confidence bound of the mean. */
  readonly upper: number;
}

/** What a reference says of the errors, none of them counted above `cap`. */
export interface CappedMean {
  readonly cap: number;
  /** The lower 95 % confidence bound of the mean of min(error, cap); above 0. */
  readonly lower: number;
}

/**
 * Means of the errors of a model's first rows, over all of them and by hour of the week.
 *
 * Bounds are mean ± 1.645 · s · √(τ / n), with τ of `Dependence`. The mean of unbounded errors has no lower bound that a test could refute,
 * as rare and huge ones may carry all of it; so the mean of capped errors is kept beside it.
 */
export class Reference {
  /** A cell for all rows, one for each hour if there are seasons, and what `Dependence` keeps. */
  readonly state: Float64Array;
  readonly #dependence: Dependence;
  readonly #hasSeasons: boolean;

  /** @param hours - 0, or how many cells of an hour there are. */
  constructor(hours: number) {
    this.state = new Float64Array(Reference.doubles(hours));
    this.#dependence = new Dependence(this.state.subarray((hours + 1) * CELL_DOUBLES));
    this.#hasSeasons = hours > 0;
  }

  /** Doubles in the state. */
  static doubles(hours: number): number {
    return (hours + 1) * CELL_DOUBLES + Dependence.doubles;
  }

  /** Adds a row. @param hour - its hour; undefined if there are no seasons or the row has no time. */
  add(error: number, hour?: number): void {
    if (error > MAX_ERROR) return;
    addTo(this.state, 0, error);
    if (hour !== undefined) addTo(this.state, (hour + 1) * CELL_DOUBLES, error);
    this.#dependence.add(error);
  }

  /** Rows so far. */
  get rows(): number {
    return this.state[COUNT] ?? 0;
  }

  /** Rows so far whose error is not 0. */
  get nonZero(): number {
    return this.state[NON_ZERO] ?? 0;
  }

  /** τ: n rows say as much of the mean as n / τ independent ones. */
  get inflation(): number {
    return this.#hasSeasons ? this.#dependence.inflationBesideSeasons() : this.#dependence.inflation();
  }

  /** Rows of a block whose mean hardly depends on the block before; 1 if the rows do not depend on each other. */
  get blockRows(): number {
    const { inflation } = this;
    return inflation === 1 ? 1 : 2 ** Math.ceil(Math.log2(BLOCK * inflation));
  }

  /** Whether the rows say enough: of the mean, and of how much they depend on each other. */
  get isEnough(): boolean {
    const [rows = 0, mean = 0, spread = 0] = this.state;
    return rows >= LEAST_BLOCKS * this.blockRows && standardError(rows, spread, this.inflation) <= MEAN_KNOWN_TO * mean;
  }

  /** The mean of all rows, or of an hour; undefined if there are too few rows. */
  mean(hour?: number): ReferenceMean | undefined {
    const [rows = 0, mean = 0, spread = 0] = this.#cell(hour);
    return rows < LEAST_ROWS ? undefined : { rows, mean, upper: mean + Z95 * standardError(rows, spread, this.inflation) };
  }

  /** The mean of capped errors of all rows, or of an hour; undefined if there are too few rows or the bound is not above 0. */
  capped(hour?: number): CappedMean | undefined {
    const cell = this.#cell(hour);
    const rows = cell[CAPPED_COUNT] ?? 0;
    const lower = (cell[CAPPED_MEAN] ?? 0) - Z95 * standardError(rows, cell[CAPPED_SPREAD] ?? 0, this.inflation);
    return rows < LEAST_ROWS || !(lower > 0) ? undefined : { cap: cell[CAP_AT] ?? 0, lower };
  }

  #cell(hour = -1): Float64Array {
    return this.state.subarray((hour + 1) * CELL_DOUBLES, (hour + 2) * CELL_DOUBLES);
  }
}

/** The standard error of a mean. @param spread - the sum of squares of the deviations. @param inflation - τ. */
function standardError(rows: number, spread: number, inflation: number): number {
  return Math.sqrt(((spread / (rows - 1)) * inflation) / rows);
}

function addTo(state: Float64Array, at: number, error: number): void {
  const rows = (state[at + COUNT] ?? 0) + 1;
  state[at + COUNT] = rows;
  if (error > 0) state[at + NON_ZERO] = (state[at + NON_ZERO] ?? 0) + 1;
  addToMean(state, at + MEAN, at + SPREAD, rows, error);
  const cap = state[at + CAP_AT] ?? 0;
  if (cap === 0) {
    if (rows >= CAP_ROWS) state[at + CAP_AT] = CAP * (state[at + MEAN] ?? 0);
    return;
  }
  const capped = (state[at + CAPPED_COUNT] ?? 0) + 1;
  state[at + CAPPED_COUNT] = capped;
  addToMean(state, at + CAPPED_MEAN, at + CAPPED_SPREAD, capped, Math.min(error, cap));
}

/** Welford's update: B. P. Welford, Technometrics 4 (1962), 419–420. */
function addToMean(state: Float64Array, meanAt: number, spreadAt: number, rows: number, value: number): void {
  const mean = state[meanAt] ?? 0;
  const next = mean + (value - mean) / rows;
  state[meanAt] = next;
  state[spreadAt] = (state[spreadAt] ?? 0) + (value - mean) * (value - next);
}
