import { mae, momentsOf, r2, rmse } from "@streamgauge/core";

/** How far predictions are from the truth. */
export interface RegressionError {
  readonly rows: number;
  /** Mean absolute error, in the target's unit. */
  readonly mae: number;
  /** Root of the mean squared error, in the target's unit. */
  readonly rmse: number;
  /** Coefficient of determination; null if the target does not vary. */
  readonly r2: number | null;
}

/**
 * The metrics of core for a report of training.
 *
 * @param yTrue - [rows], at least one row.
 * @param yPred - [rows], same order and unit.
 */
export function regressionError(yTrue: Float64Array, yPred: Float64Array): RegressionError {
  const moments = momentsOf(yTrue, yPred);
  return {
    rows: moments.count,
    mae: mae.of(moments),
    rmse: rmse.of(moments),
    r2: moments.spreadTrue === 0 ? null : r2.of(moments),
  };
}
