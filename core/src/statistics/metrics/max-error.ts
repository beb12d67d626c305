import type { Errors, Metric } from "./metric.js";

/** The largest |y_true − y_pred|; scikit-learn's `max_error`. */
export const maxError = {
  name: "max_error",
  title: "Max error",
  unit: "target",
  description: "Largest absolute error.",
  formula: "max |e|",
  least: 1,
  isHeadline: false,
  of: ({ largest }: Pick<Errors, "largest">) => largest,
} as const satisfies Metric;
