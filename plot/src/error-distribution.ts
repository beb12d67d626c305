import type { Bin, ErrorHistogram } from "@streamgauge/core";

/** What a picture shows of the absolute errors, in the target's unit; all but `count` and `bins` are NaN while there are none. */
export interface ErrorDistribution {
  readonly count: number;
  /** Infinity if the sum of the errors is beyond the largest double, as the MAE of metrics. */
  readonly mean: number;
  readonly median: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
  readonly bins: readonly Bin[];
}

/** @param sum - of the errors in the histogram. */
export function distributionOf(histogram: ErrorHistogram, sum: number): ErrorDistribution {
  const { count, min, max } = histogram;
  const [median = Number.NaN, p95 = Number.NaN] = histogram.quantiles([0.5, 0.95]);
  return { count, mean: sum / count, median, p95, min, max, bins: histogram.bins() };
}
