import { isOverflow, METRICS, type MetricValues } from "@streamgauge/core";
import type { Gauge } from "prom-client";

/** Gives a gauge its samples. A metric of too few pairs has none; one beyond the largest double is +Inf or NaN. @param count - of pairs. */
export function setMetrics(gauge: Gauge<"statistic">, count: number, values: MetricValues): void {
  for (const { name, least } of METRICS)
    if (Number.isFinite(values[name]) || isOverflow(values[name], count, least)) gauge.set({ statistic: name }, values[name]);
}
