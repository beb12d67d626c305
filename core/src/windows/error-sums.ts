import type { Moments } from "../statistics/moments.js";
import { roundedQuotient } from "../statistics/exact-number.js";
import { ExactSums } from "../statistics/exact-sums.js";
import type { SavedExactSum } from "../statistics/saved-exact-sum.js";
import type { LabelledRow } from "./labelled-row.js";

/** Where each sum stands: Σe, Σ|e|, Σe² of e = y_pred − y_true, and Σy, Σy² of y = y_true. */
const [E, ABSOLUTE, SQUARED, TRUE, TRUE_SQUARED] = [0, 1, 2, 3, 4];
export const SUMS = 5;

/** The sums over some labelled rows, from which MAE, RMSE, bias and R² follow. Exact: see `ExactSums`. */
export class ErrorSums {
  labelled = 0;
  readonly #sums = new ExactSums(SUMS);

  add({ yTrue, error, squared, trueSquared, trueSquaredRest }: LabelledRow): void {
    const sums = this.#sums;
    this.labelled += 1;
    sums.add(E, error.value);
    sums.add(ABSOLUTE, error.absolute);
    sums.add(SQUARED, squared);
    sums.add(TRUE, yTrue);
    sums.add(TRUE_SQUARED, trueSquared);
    sums.add(TRUE_SQUARED, trueSquaredRest);
  }

  /** Takes out a row that was added. */
  remove({ yTrue, error, squared, trueSquared, trueSquaredRest }: LabelledRow): void {
    const sums = this.#sums;
    this.labelled -= 1;
    sums.remove(E, error.value);
    sums.remove(ABSOLUTE, error.absolute);
    sums.remove(SQUARED, squared);
    sums.remove(TRUE, yTrue);
    sums.remove(TRUE_SQUARED, trueSquared);
    sums.remove(TRUE_SQUARED, trueSquaredRest);
  }

  /** Adds the rows of other sums. */
  addAll(other: ErrorSums): void {
    this.labelled += other.labelled;
    this.#sums.addAll(other.#sums);
  }

  clear(): void {
    this.labelled = 0;
    this.#sums.clear();
  }

  /** Each sum is rounded once, and so is the spread. */
  moments(): Moments {
    const { labelled } = this;
    return {
      count: labelled,
      absolute: this.#sums.at(ABSOLUTE),
      squared: this.#sums.at(SQUARED),
      signed: this.#sums.at(E),
      meanTrue: this.#sums.at(TRUE) / labelled,
      spreadTrue: this.#spreadTrue(),
    };
  }

  /** Σ(y − ȳ)² = (n Σy² − (Σy)²) / n, whose digits cancel only after they are all there. */
  #spreadTrue(): number {
    if (this.labelled === 0) return 0;
    const squares = this.#sums.at(TRUE_SQUARED);
    if (!Number.isFinite(squares)) return squares;
    const count = BigInt(this.labelled);
    const [sum, sumOfSquares] = [this.#sums.exact(TRUE), this.#sums.exact(TRUE_SQUARED)];
    const exponent = Math.min(2 * sum.exponent, sumOfSquares.exponent);
    const mantissa =
      ((count * sumOfSquares.mantissa) << BigInt(sumOfSquares.exponent - exponent)) -
      ((sum.mantissa * sum.mantissa) << BigInt(2 * sum.exponent - exponent));
    return roundedQuotient({ mantissa, exponent }, count);
  }

  save(): SavedExactSum[] {
    return this.#sums.save();
  }

  /** Adds what `save` returned of so many rows. */
  merge(labelled: number, saved: readonly SavedExactSum[]): void {
    this.labelled += labelled;
    this.#sums.merge(saved);
  }
}
