import { METRICS, type MetricName, type MetricValues } from "./metrics/metric-table.js";

/** The largest double, as people read it. */
export const LARGEST_NUMBER = "1.8e308";

/** Stands for values beyond it, in the terminal. */
export const OVERFLOW = "overflow";

/** Whether a metric has no finite value because the errors, or sums of them, are beyond the largest double, not because there are too few pairs. */
export function isOverflow(value: number, count: number, least: number): boolean {
  return Math.abs(value) === Infinity || (Number.isNaN(value) && count >= least);
}

/** The metrics for which that holds. @param count - of pairs. */
export function overflowed(count: number, values: MetricValues): MetricName[] {
  return METRICS.filter(({ name, least }) => isOverflow(values[name], count, least)).map(({ name }) => name);
}
