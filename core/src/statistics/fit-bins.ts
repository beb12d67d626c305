import { cellExponentAt, SMALLEST_CELL_VALUE } from "./decimal-cells.js";
import { decadeOf, wholeUnits } from "./decimal-number.js";

const MOST_BINS = 30;
const FEWEST_BINS = 12;
const STEPS = [1, 2, 5] as const;
// How many times farther than a quantile values must reach before the picture is cut off above that quantile. In a million
// rows Gaussian errors reach 2 times as far as their p99 and still fit, exponential ones 3 times, and two thirds of the
// picture would be empty.
const FAR_BEYOND = 2.5;
// Errors start at zero; the axis does too unless that would leave more than a quarter of the picture empty.
const STARTS_AT_ZERO_BELOW = 0.25;

/** Equal bins side by side: bin i starts at (`first` + i) × `step` × 10^`exponent`. */
export interface BinGrid {
  readonly first: number;
  readonly bins: number;
  readonly step: 1 | 2 | 5;
  readonly exponent: number;
}

/**
 * Chooses the bins of a picture.
 *
 * @param min - the smallest value, not negative.
 * @param p95 - the 95 % quantile.
 * @param p99 - the 99 % quantile.
 * @param max - the largest value.
 * @param digits - of a cell.
 * @returns 12 to 30 bins, 1, 2 or 5 × 10^k wide and no narrower than a cell where they end, so that each is a union of
 * cells. They hold every value, unless a heavy tail would squash the others: they end just above `p99` when `max` is far
 * beyond it, and just above `p95` when `p99` is far beyond that.
 */
export function fitBins(min: number, p95: number, p99: number, max: number, digits?: number): BinGrid {
  const { low, high } = chooseRange(min, p95, p99, max);
  let exponent = cellExponentAt(high, digits);
  if (high > low) exponent = Math.max(exponent, decadeOf((high - low) / MOST_BINS));
  for (; ; exponent += 1) {
    for (const step of STEPS) {
      const last = binOf(high, step, exponent);
      const first = binOf(low, step, exponent);
      const bins = last - first + 1;
      if (bins > MOST_BINS) continue;
      // Values closer together than a cell would fill one bin alone: show empty bins below them.
      const padded = bins < FEWEST_BINS ? Math.max(0, last - FEWEST_BINS + 1) : first;
      return { first: padded, bins: last - padded + 1, step, exponent };
    }
  }
}

/** @returns the number of the bin, counted from zero on the axis, that `value` lies in when bins are `step` × 10^`exponent` wide. */
function binOf(value: number, step: number, exponent: number): number {
  return Math.floor(wholeUnits(value, exponent) / step);
}

function chooseRange(min: number, p95: number, p99: number, max: number): { low: number; high: number } {
  // Nothing but zeros: any scale is right, and 0 to 1 is the plainest.
  if (max < SMALLEST_CELL_VALUE) return { low: 0, high: 1 };
  const low = min > p95 * STARTS_AT_ZERO_BELOW ? min : 0;
  const high = cutTail(low, p95, cutTail(low, p99, max));
  return high > low ? { low, high } : { low: 0, high };
}

/** @returns `quantile` when values reach far beyond it, otherwise `reach`. Zero has no scale that anything could be far beyond. */
function cutTail(low: number, quantile: number, reach: number): number {
  return quantile >= SMALLEST_CELL_VALUE && reach - low > FAR_BEYOND * (quantile - low) ? quantile : reach;
}
