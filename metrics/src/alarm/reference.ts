import { Dependence } from "./dependence.js";
import { ErrorMeans, MAX_ERROR, type CappedMean, type MeanError } from "./error-means.js";

/** The normal quantile of 95 %: the mean plus so many standard errors is the upper 95 % bound of a mean. */
export const Z95 = 1.6448536269514722;

/** Rows of a block, in τ: the means of such blocks hardly depend on each other. */
const BLOCK = 4;
/** A reference has at least this many blocks, and knows its mean to this share of it (one standard error). */
const LEAST_BLOCKS = 16;
const MEAN_KNOWN_TO = 0.1;

/** Means of the errors of a model's first rows, over all of them and by hour of the week. Bounds are those of 95 %. */
export class Reference {
  /** The means of all rows, those of each hour if there are seasons, and what `Dependence` keeps. */
  readonly state: Float64Array;
  readonly #all: ErrorMeans;
  readonly #byHour: readonly ErrorMeans[];
  readonly #dependence: Dependence;

  /** @param hours - 0, or how many hours have means of their own. */
  constructor(hours: number) {
    this.state = new Float64Array(Reference.doubles(hours));
    const [all, ...byHour] = Array.from({ length: hours + 1 }, (_, i) => new ErrorMeans(meansAt(this.state, i)));
    this.#all = all ?? new ErrorMeans(meansAt(this.state, 0));
    this.#byHour = byHour;
    this.#dependence = new Dependence(this.state.subarray((hours + 1) * ErrorMeans.doubles));
  }

  /** Doubles in the state. */
  static doubles(hours: number): number {
    return (hours + 1) * ErrorMeans.doubles + Dependence.doubles;
  }

  /** The numbers of the means of all rows. */
  get all(): Float64Array {
    return meansAt(this.state, 0);
  }

  /** Adds a row. @param hour - its hour; undefined if there are no seasons or the row has no time. */
  add(error: number, hour?: number): void {
    if (error > MAX_ERROR) return;
    this.#all.add(error);
    if (hour !== undefined) this.#byHour[hour]?.add(error);
    this.#dependence.add(error);
  }

  /** Rows so far. */
  get rows(): number {
    return this.#all.rows;
  }

  /** Rows so far whose error is not 0. */
  get nonZero(): number {
    return this.#all.nonZero;
  }

  /** τ: n rows say as much of the mean as n / τ independent ones. */
  get inflation(): number {
    return this.#byHour.length > 0 ? this.#dependence.inflationBesideSeasons() : this.#dependence.inflation();
  }

  /** Rows of a block whose mean hardly depends on the block before; 1 if the rows do not depend on each other. */
  get blockRows(): number {
    const { inflation } = this;
    return inflation === 1 ? 1 : 2 ** Math.ceil(Math.log2(BLOCK * inflation));
  }

  /** Whether the rows say enough: of the mean, and of how much they depend on each other. */
  get isEnough(): boolean {
    return this.rows >= LEAST_BLOCKS * this.blockRows && this.#all.isKnownTo(MEAN_KNOWN_TO, this.inflation);
  }

  /** The mean of all rows, or of an hour; undefined if there are too few rows. */
  mean(hour?: number): MeanError | undefined {
    return this.#means(hour)?.mean(Z95, this.inflation);
  }

  /** The mean of capped errors of all rows, or of an hour; undefined if there are too few rows or the bound is not above 0. */
  capped(hour?: number): CappedMean | undefined {
    return this.#means(hour)?.capped(Z95, this.inflation);
  }

  #means(hour: number | undefined): ErrorMeans | undefined {
    return hour === undefined ? this.#all : this.#byHour[hour];
  }
}

function meansAt(state: Float64Array, index: number): Float64Array {
  return state.subarray(index * ErrorMeans.doubles, (index + 1) * ErrorMeans.doubles);
}
