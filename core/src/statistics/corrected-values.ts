import { DecimalCells } from "./decimal-cells.js";
import type { SavedStatistics } from "./error-statistics.js";
import { ErrorHistogram } from "./error-histogram.js";
import { metricValues, type MetricValues } from "./metrics/metric-table.js";
import type { Errors } from "./metrics/metric.js";
import type { Moments } from "./moments.js";

/** Pairs as they were counted, and what corrections took the place of. A pair that was corrected twice is in both sets twice. */
export interface CorrectedSets {
  readonly all: SavedStatistics;
  readonly replaced: SavedStatistics;
  readonly replacing: SavedStatistics;
}

/** The share of its largest part below which a difference has lost its digits. */
const LEAST_LEFT = 2 ** -30;

/**
 * Every metric of the pairs as they are corrected: of all, without the replaced ones, with those that took their place.
 *
 * Up to 4,096 pairs and corrections, what follows from absolute errors is exact. Beyond, quantiles and the largest error are known to within a
 * thousandth. A sum that loses its digits beside a label far beyond the others is NaN.
 */
export function correctedValues(sets: CorrectedSets): MetricValues {
  return metricValues(exactErrors(sets) ?? cellErrors(sets));
}

/** From the single errors; undefined if they are not kept. */
function exactErrors(sets: CorrectedSets): Errors | undefined {
  const { all, replaced, replacing } = sets;
  for (const { moments, histogram } of [all, replaced, replacing]) if (histogram.exact.length !== moments.count) return undefined;
  const without = new Map<number, number>();
  for (const error of replaced.histogram.exact) without.set(error, (without.get(error) ?? 0) + 1);
  const errors = [...all.histogram.exact, ...replacing.histogram.exact].filter((error) => {
    const left = without.get(error) ?? 0;
    if (left > 0) without.set(error, left - 1);
    return left === 0;
  });
  if (errors.length !== all.moments.count) return undefined;
  const histogram = new ErrorHistogram();
  histogram.add(errors);
  const absolute = errors.reduce((sum, error) => sum + error, 0);
  const squared = errors.reduce((sum, error) => sum + error * error, 0);
  return { ...correctedMoments(sets), absolute, squared, largest: histogram.max, quantile: (q) => histogram.quantile(q) };
}

function cellErrors(sets: CorrectedSets): Errors {
  const { all, replaced, replacing } = sets;
  const cells = new DecimalCells();
  cells.merge(all.histogram.cells);
  cells.merge(replacing.histogram.cells);
  cells.merge(replaced.histogram.cells.map((part, i) => (i % 3 === 2 ? -part : part)));
  const isLargestKept = all.histogram.max > replaced.histogram.max;
  const largest = isLargestKept ? Math.max(all.histogram.max, replacing.histogram.max) : cells.largest;
  const quantile = (q: number) => {
    const position = q * (all.moments.count - 1);
    const [lower = NaN, upper = NaN] = cells.valuesAt([Math.floor(position), Math.ceil(position)]);
    return Math.min(lower === upper ? lower : lower + (upper - lower) * (position % 1), largest);
  };
  return { ...correctedMoments(sets), largest, quantile };
}

function correctedMoments({ all, replaced, replacing }: CorrectedSets): Moments {
  const parts = [all.moments, replaced.moments, replacing.moments] as const;
  const { count } = all.moments;
  const absolute = difference(parts.map((each) => each.absolute));
  const signed = all.moments.signed - replaced.moments.signed + replacing.moments.signed;
  // Σ(y − c) and Σ(y − c)² of each set, about a label that is right.
  const c = replacing.moments.meanTrue;
  const [sumAll = 0, sumReplaced = 0, sumReplacing = 0] = parts.map((each) => each.count * (each.meanTrue - c));
  const sum = sumAll - sumReplaced + sumReplacing;
  const squaresOf = parts.map((each) => each.spreadTrue + each.count * (each.meanTrue - c) ** 2);
  const squares = difference(squaresOf);
  return {
    count,
    absolute,
    squared: difference(parts.map((each) => each.squared)),
    signed: Number.isNaN(absolute) ? Number.NaN : signed,
    meanTrue: c + sum / count,
    spreadTrue: hasDigits(all.moments, squaresOf, squares, sum) ? squares - (sum * sum) / count : Number.NaN,
  };
}

/** Whether Σ(y − mean)² of the corrected labels has digits left: labels far beyond those of the log came and went, or cancel each other. */
function hasDigits(
  { count, spreadTrue }: Moments,
  [, replaced = 0, replacing = 0]: readonly number[],
  squares: number,
  sum: number,
): boolean {
  if (Math.max(replaced, replacing) * LEAST_LEFT > Math.max(spreadTrue, squares)) return false;
  return squares - (sum * sum) / count > LEAST_LEFT * squares;
}

/** The first, without the second, with the third; NaN if rounding has taken the digits of it. All are not negative. */
function difference(parts: readonly number[]): number {
  const [all = 0, replaced = 0, replacing = 0] = parts;
  const left = all - replaced + replacing;
  return left < LEAST_LEFT * Math.max(...parts) ? Number.NaN : left;
}
