import { betterBaseline, worseThan, type Baseline } from "./baseline.js";
import { ErrorMeans } from "./error-means.js";

/** Standard errors between a mean and its bound. All looks together are wrong less often than the one of 95 % that the reference allows. */
const Z = 3;

/** Where the numbers stand, behind the means. */
const NEXT_LOOK = ErrorMeans.doubles;
/** The least upper bound of the mean so far, and the greatest lower bound of the mean of errors up to the cap. */
const UPPER = NEXT_LOOK + 1;
const LOWER = UPPER + 1;
const CAP = LOWER + 1;

/**
 * What the rows behind the reference add to it. A reference of 1,000 rows leaves several percent of the mean open, and a rise within that is
 * never noticed. So the mean goes on over all rows on which no alarm was on; each time they have doubled, m becomes what they say, if that
 * is smaller, and larger for "better". It never moves the other way: an error that grows slowly is not taken for what is usual.
 */
export class SharperBaseline {
  /** Doubles in the state. */
  static readonly doubles = CAP + 1;

  /** Everything that it knows: saved and restored bit by bit. Zeros before \`begin\`, and for good if that is never called. */
  readonly state = new Float64Array(SharperBaseline.doubles);
  readonly #means = new ErrorMeans(this.state.subarray(0, ErrorMeans.doubles));

  /** Begins with the rows of a reference. @param means - the numbers of its \`ErrorMeans\`. */
  begin(means: Float64Array): void {
    this.state.set(means);
    this.state[NEXT_LOOK] = 2 * this.#means.rows;
    this.state[UPPER] = Infinity;
  }

  /** Adds the errors of rows \`from .. to\`. */
  add(errors: Float64Array, from: number, to: number): void {
    if (this.state[NEXT_LOOK] === 0) return;
    for (let i = from; i < to; i += 1) {
      const error = errors[i] ?? 0;
      if (error >= 0) this.#means.add(error);
    }
  }

  /** Looks whether the rows have doubled. @returns whether they have. */
  look(): boolean {
    const { state } = this;
    const next = state[NEXT_LOOK] ?? 0;
    if (next === 0 || this.#means.rows < next) return false;
    state[NEXT_LOOK] = 2 * next;
    const { upper = Infinity } = this.#means.mean(Z, 1) ?? {};
    const { lower = 0, cap = 0 } = this.#means.capped(Z, 1) ?? {};
    if (upper > 0) state[UPPER] = Math.min(state[UPPER] ?? Infinity, upper);
    if (lower > (state[LOWER] ?? 0)) state.set([lower, cap], LOWER);
    return true;
  }

  /** A baseline as it is now. */
  of(baseline: Baseline, tolerance: number): Baseline {
    if (this.state[NEXT_LOOK] === 0) return baseline;
    const [upper = Infinity, lower = 0, cap = 0] = this.state.subarray(UPPER);
    const better = lower > 0 ? betterBaseline({ lower, cap }, tolerance) : undefined;
    return {
      ...baseline,
      worse: Math.min(baseline.worse, worseThan({ upper }, tolerance)),
      better: better !== undefined && better.m > (baseline.better?.m ?? 0) ? better : baseline.better,
    };
  }
}
