import type { Moments } from "../moments.js";
import type { Metric } from "./metric.js";

/**
 * Coefficient of determination, 1 − Σ(y_true − y_pred)² / Σ(y_true − mean)². As in scikit-learn it is 1 if all true values are equal
 * and every prediction is right, and 0 if all true values are equal and some prediction is wrong.
 */
export const r2 = {
  name: "r2",
  title: "R²",
  unit: "none",
  description: "Coefficient of determination.",
  formula: "1 − Σe² / Σ(y_true − ȳ)²",
  least: 2,
  isHeadline: true,
  of: ({ count, squared, spreadTrue }: Pick<Moments, "count" | "squared" | "spreadTrue">) => {
    if (count < 2) return Number.NaN;
    if (spreadTrue === 0) return squared === 0 ? 1 : 0;
    return 1 - squared / spreadTrue;
  },
} as const satisfies Metric;
