/** How far predictions are from the truth. */
export interface RegressionError {
  readonly rows: number;
  /** Mean absolute error, in the target's unit. */
  readonly mae: number;
  /** Root of the mean squared error, in the target's unit. */
  readonly rmse: number;
  /** Coefficient of determination, 1 - SSE / SST; null if the target does not vary, since SST is then 0. */
  readonly r2: number | null;
}

/**
 * Definitions: scikit-learn user guide, section 3.4 "Metrics and scoring" (mean_absolute_error,
 * root_mean_squared_error, r2_score).
 *
 * @param yTrue - [rows], at least one row.
 * @param yPred - [rows], same order and unit.
 */
export function regressionError(yTrue: Float64Array, yPred: Float64Array): RegressionError {
  const rows = yTrue.length;
  let sum = 0;
  for (const y of yTrue) sum += y;
  const mean = sum / rows;
  let absolute = 0;
  let squared = 0;
  let total = 0;
  for (let row = 0; row < rows; row += 1) {
    const error = yTrue[row]! - yPred[row]!;
    absolute += Math.abs(error);
    squared += error * error;
    total += (yTrue[row]! - mean) ** 2;
  }
  return {
    rows,
    mae: absolute / rows,
    rmse: Math.sqrt(squared / rows),
    r2: total === 0 ? null : 1 - squared / total,
  };
}
