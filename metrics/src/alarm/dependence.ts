/** Batches of 2, 4, 8 … rows; the largest has 2^24. */
const LEVELS = 25;
/** Where each number of a level stands. */
const COUNT = 0;
const MEAN = 1;
const SPREAD = 2;
const WAITING = 3;
const DIFFERENCES = 4;
const LEVEL_DOUBLES = 5;
/** Batches from which a variance is taken, at least. */
const LEAST_BATCHES = 16;
const MOST_ROWS_BESIDE_SEASONS = 64;
/** A ratio of variances counts as above 1 if it is by so many of its standard errors. */
const SIGNIFICANT = 4;

/**
 * How much the errors of neighbouring rows depend on each other, from the variances of the means of batches of 2, 4, 8 … rows.
 *
 * If errors do not depend on each other, the mean of b rows varies b times less than one row. If they do, it varies τ times more than
 * that, and n rows say as much as n / τ independent ones (batch means: C. J. Geyer, Statistical Science 7 (1992), 473–483).
 */
export class Dependence {
  /** Doubles in the state. */
  static readonly doubles = LEVELS * LEVEL_DOUBLES;

  readonly state: Float64Array;

  /** @param state - where the numbers are kept. */
  constructor(state: Float64Array) {
    this.state = state;
  }

  add(error: number): void {
    const { state } = this;
    let value = error;
    for (let at = 0; at < state.length; at += LEVEL_DOUBLES) {
      const count = (state[at + COUNT] ?? 0) + 1;
      const mean = state[at + MEAN] ?? 0;
      const next = mean + (value - mean) / count;
      state[at + COUNT] = count;
      state[at + MEAN] = next;
      state[at + SPREAD] = (state[at + SPREAD] ?? 0) + (value - mean) * (value - next);
      if (count % 2 === 1) {
        state[at + WAITING] = value;
        return;
      }
      const waiting = state[at + WAITING] ?? 0;
      state[at + DIFFERENCES] = (state[at + DIFFERENCES] ?? 0) + (waiting - value) ** 2;
      value = (waiting + value) / 2;
    }
  }

  /**
   * τ, the greatest over all batches; 1 if the rows give no evidence of dependence. Negative dependence, which makes a mean better known,
   * counts as none.
   */
  inflation(): number {
    return this.#greatest((level) => this.#variance(level), 1, Infinity);
  }

  /**
   * The same by the differences of neighbouring batches of at most 64 rows (the Allan variance): a slow course, as that of a day, does not
   * count as dependence.
   */
  inflationBesideSeasons(): number {
    return this.#greatest((level) => this.#differences(level), 2, MOST_ROWS_BESIDE_SEASONS);
  }

  /** @param perDifference - batches for each number that the variance is the mean of. */
  #greatest(variance: (level: number) => number, perDifference: number, mostRows: number): number {
    const single = variance(0);
    if (!(single > 0)) return 1;
    let [greatest, isSignificant] = [1, false];
    for (let level = 1; level < LEVELS && 2 ** level <= mostRows; level += 1) {
      const batches = this.#count(level);
      if (batches < LEAST_BATCHES) break;
      const ratio = (2 ** level * variance(level)) / single;
      greatest = Math.max(greatest, ratio);
      isSignificant ||= ratio - 1 > SIGNIFICANT * Math.sqrt((2 * perDifference) / batches);
    }
    return isSignificant ? greatest : 1;
  }

  #count(level: number): number {
    return this.state[level * LEVEL_DOUBLES + COUNT] ?? 0;
  }

  #variance(level: number): number {
    return (this.state[level * LEVEL_DOUBLES + SPREAD] ?? 0) / (this.#count(level) - 1);
  }

  #differences(level: number): number {
    return (this.state[level * LEVEL_DOUBLES + DIFFERENCES] ?? 0) / (2 * Math.floor(this.#count(level) / 2));
  }
}
