import type { Moments } from "../moments.js";
import type { Metric } from "./metric.js";

/** Mean of y_pred − y_true: above 0 if the model predicts too much. */
export const bias = {
  name: "bias",
  title: "Bias",
  unit: "target",
  description: "Mean of y_pred − y_true: above 0 if the model predicts too much.",
  formula: "Σe / n",
  least: 1,
  isHeadline: false,
  of: ({ signed, count }: Pick<Moments, "signed" | "count">) => signed / count,
} as const satisfies Metric;
