import { bias } from "./bias.js";
import { mae } from "./mae.js";
import { maxError } from "./max-error.js";
import type { Errors } from "./metric.js";
import { p50, p95, p99 } from "./quantiles.js";
import { r2 } from "./r2.js";
import { rmse } from "./rmse.js";

/** All metrics, in the order in which they are shown. Messages, gauges, the terminal, the page and jobs follow this table. */
export const METRICS = [mae, rmse, r2, bias, p50, p95, p99, maxError] as const;

export type MetricName = (typeof METRICS)[number]["name"];

/** A value for each metric. */
export type MetricValues<Value = number> = Readonly<Record<MetricName, Value>>;

/** Computes something for each metric. */
export function forEachMetric<Value>(compute: (metric: (typeof METRICS)[number]) => Value): MetricValues<Value> {
  const values: Partial<Record<MetricName, Value>> = {};
  for (const metric of METRICS) values[metric.name] = compute(metric);
  return values as MetricValues<Value>;
}

/** Every metric of these errors. */
export function metricValues(errors: Errors): MetricValues {
  return forEachMetric((metric) => metric.of(errors));
}
