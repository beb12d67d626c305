import type { CodeLayout } from "./code-layout.js";
import type { SavedFeatureWindow } from "./saved-feature-window.js";

/** The predicted rows of a window by bin: what drift needs of it. */
export interface PredictedBins {
  readonly rows: number;
  /** Of all columns, one after another; shape [bins of all columns]. */
  readonly bins: Float64Array;
}

/** The first bin of each column among those of all columns. */
export function firstBins({ columns }: CodeLayout): Int32Array {
  const first = new Int32Array(columns.length);
  for (let column = 1; column < columns.length; column += 1) first[column] = (first[column - 1] ?? 0) + (columns[column - 1]?.bins ?? 0);
  return first;
}

/** Those of a saved window. @param layout - of its codes. */
export function predictedBins(
  { predicted, columns }: Pick<SavedFeatureWindow, "predicted" | "columns">,
  layout: CodeLayout,
): PredictedBins {
  const first = firstBins(layout);
  const all = new Float64Array(layout.columns.reduce((sum, { bins }) => sum + bins, 0));
  for (const [column, { bins }] of columns.entries()) for (const { bin, predicted: rows } of bins) all[(first[column] ?? 0) + bin] = rows;
  return { rows: predicted, bins: all };
}
