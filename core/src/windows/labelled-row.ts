import { SignedValue } from "../statistics/signed-cells.js";
import { lagBin } from "./label-lags.js";
import { PairCell, type PairGrid } from "./pair-cells.js";

/** In the place of a tenth: the prediction came before there was a reference. */
export const NO_TENTH = 10;
export const TENTHS: number = NO_TENTH + 1;

/** Splits a double into two halves of 26 bits (Dekker 1971). */
const SPLITTER = 2 ** 27 + 1;
/** Beyond, the products of the halves of a number may be beyond the doubles; a little further so is its square. */
const MOST_SPLIT = 2 ** 511;

/** A labelled row, with what all the windows that hold it need to know of it. Made once and set again for each of millions of rows. */
export class LabelledRow {
  yTrue = 0;
  /** e = y_pred − y_true. */
  readonly error = new SignedValue();
  squared = 0;
  /** y_true² as a double, and what rounding has cut off of it. */
  trueSquared = 0;
  trueSquaredRest = 0;
  lagBin = 0;
  tenth = NO_TENTH;
  readonly pair = new PairCell();
  /** Half the width of the interval that was announced with its prediction; NaN if none was. */
  halfWidth = Number.NaN;

  /** @param lagMs - how long the label took from the row's event time. @param grid - of its model version; a row without a tenth has none. @param halfWidth - see there. */
  set(yTrue: number, yPred: number, lagMs: number, tenth: number, grid?: PairGrid, halfWidth: number = Number.NaN): this {
    const error = yPred - yTrue;
    this.yTrue = yTrue;
    this.error.set(error);
    this.squared = error * error;
    this.trueSquared = yTrue * yTrue;
    this.trueSquaredRest = restOfSquare(yTrue, this.trueSquared);
    this.lagBin = lagBin(lagMs);
    this.tenth = tenth;
    this.halfWidth = halfWidth;
    this.pair.set(yPred, yTrue, tenth === NO_TENTH ? undefined : grid);
    return this;
  }
}

/** value² − square, where `square` is value² as a double (Dekker 1971); 0 for values beyond 2^511. */
function restOfSquare(value: number, square: number): number {
  if (Math.abs(value) > MOST_SPLIT) return 0;
  const large = SPLITTER * value;
  const high = large - (large - value);
  const low = value - high;
  return high * high - square + 2 * high * low + low * low;
}
