import type { Errors, Metric } from "./metric.js";

/** Quantiles of |y_true − y_pred|: see `ErrorHistogram.quantile` for their precision. */
export const p50 = quantile("p50", 0.5, "Median of the absolute error.");
export const p95 = { ...quantile("p95", 0.95, "95 % quantile of the absolute error."), isHeadline: true } as const;
export const p99 = quantile("p99", 0.99, "99 % quantile of the absolute error.");

function quantile<const Name extends string>(name: Name, q: number, description: string) {
  return {
    name,
    title: name,
    unit: "target",
    description,
    formula: `quantile ${q} of |e|`,
    least: 1,
    isHeadline: false,
    of: (errors: Pick<Errors, "quantile">) => errors.quantile(q),
  } as const satisfies Metric<Name>;
}
