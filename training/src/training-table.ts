import { numericColumns } from "./numeric-columns.js";
import type { Dataset } from "./read-dataset.js";
import { takeRows } from "./split-rows.js";

/** Numbers to fit on, in raw units. */
export interface TrainingTable {
  /** One array for each feature, each [rows]. */
  readonly x: readonly Float64Array[];
  /** The target, [rows]. */
  readonly y: Float64Array;
}

/**
 * @returns the features and the target of a dataset as numbers.
 * @throws DatasetError for a column that is not there and a cell that is no number.
 */
export function readTable(dataset: Dataset, features: readonly string[], target: string): TrainingTable {
  const [y = new Float64Array(), ...x] = numericColumns(dataset, [target, ...features]);
  return { x, y };
}

/** @returns a table of the given rows, in the order of `rows`. */
export function rowsOf(table: TrainingTable, rows: readonly number[]): TrainingTable {
  const [y = new Float64Array(), ...x] = takeRows([table.y, ...table.x], rows);
  return { x, y };
}
