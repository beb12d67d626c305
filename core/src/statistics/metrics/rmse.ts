import type { Moments } from "../moments.js";
import type { Metric } from "./metric.js";

/** Root of the mean squared error, √(Σ(y_true − y_pred)² / n). */
export const rmse = {
  name: "rmse",
  title: "RMSE",
  unit: "target",
  description: "Root of the mean squared error.",
  formula: "√(Σe² / n)",
  least: 1,
  isHeadline: true,
  of: ({ squared, count }: Pick<Moments, "squared" | "count">) => Math.sqrt(squared / count),
} as const satisfies Metric;
