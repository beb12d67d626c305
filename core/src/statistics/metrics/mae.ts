import type { Moments } from "../moments.js";
import type { Metric } from "./metric.js";

/** Mean absolute error, Σ|y_true − y_pred| / n. */
export const mae = {
  name: "mae",
  title: "MAE",
  unit: "target",
  description: "Mean absolute error.",
  formula: "Σ|e| / n",
  least: 1,
  isHeadline: true,
  of: ({ absolute, count }: Pick<Moments, "absolute" | "count">) => absolute / count,
} as const satisfies Metric;
