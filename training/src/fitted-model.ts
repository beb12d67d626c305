import { columnStatistics, type ColumnStatistics } from "./column-statistics.js";
import { exportLinear, predictFloat32 } from "./export-linear.js";
import { fitRidge, predictRidge, type RidgeFit } from "./fit-ridge.js";
import type { TrainingTable } from "./training-table.js";
import { exportTrees } from "./trees/export-trees.js";
import { fitTrees, type TreeOptions } from "./trees/fit-trees.js";
import { predictTrees, type TreeEnsemble } from "./trees/tree.js";

/** What to fit. */
export type FitOptions = { readonly kind: "linear"; readonly alpha: number } | TreeOptions;

/** A model as it was fitted, of whatever kind. */
export interface FittedModel {
  /** Of the columns that it was fitted on, [features]. */
  readonly statistics: readonly ColumnStatistics[];
  /** The model itself, for a report. */
  readonly model:
    { readonly kind: "linear"; readonly fit: RidgeFit } | { readonly kind: TreeOptions["kind"]; readonly ensemble: TreeEnsemble };
  /** @returns predictions in float64, [rows], in the target's unit. */
  predict(x: readonly Float64Array[], rows: number): Float64Array;
  /** @returns the same as the exported file computes them, in float32. */
  predictFloat32(x: readonly Float64Array[], rows: number): Float64Array;
  /** @returns the bytes of an ONNX file. */
  export(features: readonly string[], metadata: Readonly<Record<string, string>>): Uint8Array;
}

export function fitModel({ x, y }: TrainingTable, options: FitOptions): FittedModel {
  if (options.kind === "linear") {
    const fit = fitRidge(x, y, options.alpha);
    return {
      statistics: fit.statistics,
      model: { kind: "linear", fit },
      predict: (of, rows) => predictRidge(fit, of, rows),
      predictFloat32: (of, rows) => predictFloat32(fit, of, rows),
      export: (features, metadata) => exportLinear({ features, fit, metadata }),
    };
  }
  const ensemble = fitTrees(x, y, options);
  return {
    statistics: x.map(columnStatistics),
    model: { kind: options.kind, ensemble },
    predict: (of, rows) => predictTrees(ensemble, of, rows),
    // Their sums are exact in float32.
    predictFloat32: (of, rows) => predictTrees(ensemble, of, rows),
    export: (features, metadata) => exportTrees(ensemble, features, metadata),
  };
}
