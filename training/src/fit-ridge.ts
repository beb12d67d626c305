import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { columnStatistics, type ColumnStatistics } from "./column-statistics.js";

/** A fitted linear regression, `y = intercept + Σ coefficient · feature`, in the raw units of its columns. */
export interface RidgeFit {
  /** Of the columns that were fitted on, [features]. */
  readonly statistics: readonly ColumnStatistics[];
  /** Target's unit per feature's unit, [features]; 0 for a constant column. */
  readonly coefficients: Float64Array;
  /** In the target's unit. */
  readonly intercept: number;
  /** Number of independent directions among the columns; below [features] when some are constant or collinear. */
  readonly rank: number;
}

/**
 * Fits a linear regression with a ridge penalty on standardised columns.
 *
 * Minimises `‖y - b - Z w‖² + alpha ‖w‖²`, where Z has the columns with mean 0 and standard deviation 1; the
 * intercept b is not penalised. Equal to scikit-learn's `make_pipeline(StandardScaler(), Ridge(alpha))`, and to
 * `LinearRegression()` when alpha is 0. Solved by singular value decomposition, `w = V diag(s / (s² + alpha)) Uᵀ y`
 * (Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd ed., eq. 3.47).
 *
 * A constant column gets the coefficient 0. Where columns are collinear, or rows are fewer than columns, the
 * answer is the one of minimum norm among the best on standardised columns, and `rank` shows it.
 *
 * @param x - one array for each feature, each [rows], finite.
 * @param y - [rows], finite, in the target's unit.
 * @param alpha - penalty, 0 or more; without unit, since the columns are standardised, but it scales with rows.
 */
export function fitRidge(x: readonly Float64Array[], y: Float64Array, alpha: number): RidgeFit {
  const statistics = x.map(columnStatistics);
  const target = columnStatistics(y);
  const varying = statistics.flatMap((of, index) => (of.std > 0 ? [index] : []));
  const coefficients = new Float64Array(x.length);
  let rank = 0;
  if (varying.length > 0) {
    const z = standardised(x, statistics, varying);
    const centred = y.map((value) => value - target.mean);
    const solution = solveRidge(z, centred, alpha);
    rank = solution.rank;
    for (const [position, index] of varying.entries()) {
      coefficients[index] = solution.weights[position]! / statistics[index]!.std;
    }
  }
  let intercept = target.mean;
  for (const [index, of] of statistics.entries()) {
    intercept -= coefficients[index]! * of.mean;
  }
  return { statistics, coefficients, intercept, rank };
}

/**
 * @param x - one array for each feature of the fit, each [rows].
 * @returns predictions in float64, [rows], in the target's unit.
 */
export function predictRidge(fit: RidgeFit, x: readonly Float64Array[], rows: number): Float64Array {
  const y = new Float64Array(rows).fill(fit.intercept);
  for (const [feature, column] of x.entries()) {
    const coefficient = fit.coefficients[feature]!;
    for (let row = 0; row < rows; row += 1) {
      y[row]! += coefficient * column[row]!;
    }
  }
  return y;
}

/** @returns the chosen columns with mean 0 and standard deviation 1, [rows, chosen]. */
function standardised(x: readonly Float64Array[], statistics: readonly ColumnStatistics[], chosen: readonly number[]): Matrix {
  const rows = x[0]?.length ?? 0;
  const z = new Matrix(rows, chosen.length);
  for (const [position, index] of chosen.entries()) {
    const column = x[index]!;
    const { mean, std } = statistics[index]!;
    for (let row = 0; row < rows; row += 1) {
      z.set(row, position, (column[row]! - mean) / std);
    }
  }
  return z;
}

function solveRidge(z: Matrix, y: Float64Array, alpha: number): { weights: Float64Array; rank: number } {
  const svd = new SingularValueDecomposition(z, { autoTranspose: true });
  const u = svd.leftSingularVectors;
  const v = svd.rightSingularVectors;
  const s = svd.diagonal;
  // The tolerance of numpy.linalg.matrix_rank: below it a singular value is rounding, and dividing by it noise.
  const tolerance = Math.max(z.rows, z.columns) * Number.EPSILON * Math.max(0, ...s);
  const weights = new Float64Array(z.columns);
  let rank = 0;
  for (const [k, singular] of s.entries()) {
    if (singular <= tolerance) continue;
    rank += 1;
    let projection = 0;
    for (let row = 0; row < z.rows; row += 1) {
      projection += u.get(row, k) * y[row]!;
    }
    const step = (projection * singular) / (singular * singular + alpha);
    for (let column = 0; column < z.columns; column += 1) {
      weights[column]! += v.get(column, k) * step;
    }
  }
  return { weights, rank };
}
