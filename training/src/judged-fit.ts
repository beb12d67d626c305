import { fitModel, type FitOptions, type FittedModel } from "./fitted-model.js";
import { regressionError, type RegressionError } from "./regression-error.js";
import type { RowSplit } from "./split-rows.js";
import { rowsOf, type TrainingTable } from "./training-table.js";

/** A fit and how wrong it is on rows it has seen and on rows it has not. */
export interface JudgedFit {
  readonly fit: FittedModel;
  /** Rows the fit was made on. */
  readonly fittedRows: number;
  /** On the rows the fit was made on. */
  readonly inSample: RegressionError;
  /** On the held-out rows; absent when there are none. */
  readonly heldOut?: RegressionError;
}

/**
 * Fits a model and judges it on held-out rows.
 *
 * @param fitOn - `all`: the fit is made on every row, and the held-out error is that of a second fit on
 * `split.fitted`. `rest`: the fit is made on `split.fitted`, and both errors are its own.
 */
export function fitAndJudge(table: TrainingTable, split: RowSplit, fitOn: "all" | "rest", options: FitOptions): JudgedFit {
  const rest = rowsOf(table, split.fitted);
  const seen = fitOn === "rest" ? rest : table;
  const fit = fitModel(seen, options);
  const judged = {
    fit,
    fittedRows: seen.y.length,
    inSample: errorOn(seen, fit),
  };
  if (split.heldOut.length === 0) return judged;
  const blind = fitOn === "rest" ? fit : fitModel(rest, options);
  return { ...judged, heldOut: errorOn(rowsOf(table, split.heldOut), blind) };
}

function errorOn(table: TrainingTable, fit: FittedModel): RegressionError {
  return regressionError(table.y, fit.predict(table.x, table.y.length));
}
