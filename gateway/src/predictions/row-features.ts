import type { Column } from "@streamgauge/core";
import type { Features } from "./prediction.js";

/** The features of one row of these columns. A feature may be named `__proto__`. */
export function featuresOf(columns: ReadonlyMap<string, Column>, row: number): Features {
  return Object.fromEntries(Array.from(columns, ([name, column]) => [name, column[row] ?? null]));
}
