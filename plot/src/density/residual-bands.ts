import { binOf, type BinnedAxis } from "./density-grid.js";
import type { CountedPoints } from "./point-density.js";
import { AxisCells } from "./axis-cells.js";

/** So many parts of the axis at most have quantiles of their own, of so many rows at least. */
const MOST_BANDS = 20;
const FEWEST_ROWS = 10;
/** Steps along y in which quantiles are found: less than two pixels. */
const STEPS = 512;

/** Quantiles of the residuals of the rows in one part of the predictions, in bins of the y axis from below. */
export interface ResidualBand {
  /** Where it begins and ends along x, in bins. */
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/**
 * The 10 %, 50 % and 90 % quantiles of the residuals by prediction, ascending; none for a part with fewer than ten rows. Rows above or below
 * the axis count at its end.
 */
export function residualBands(points: CountedPoints, x: BinnedAxis, y: BinnedAxis): ResidualBand[] {
  const width = Math.ceil(x.bins / MOST_BANDS);
  const bands = Math.ceil(x.bins / width);
  const counts = countSteps(points, x, y, { width, bands });
  return Array.from({ length: bands }, (_, band) => {
    const [low, median, high] = quantilesOf(counts.subarray(band * STEPS, (band + 1) * STEPS), [0.1, 0.5, 0.9]);
    if (low === undefined || median === undefined || high === undefined) return [];
    const inBins = (step: number) => (step / STEPS) * y.bins;
    return [{ from: band * width, to: Math.min((band + 1) * width, x.bins), low: inBins(low), median: inBins(median), high: inBins(high) }];
  }).flat();
}

function countSteps({ cells, level }: CountedPoints, x: BinnedAxis, y: BinnedAxis, { width, bands }: { width: number; bands: number }) {
  const counts = new Float64Array(bands * STEPS);
  cells.forEach((column, row, count) => {
    const bin = binOf(x, column, level);
    if (bin < 0) return;
    const at = Math.floor(bin / width) * STEPS + stepAt(y, row, level);
    counts[at] = (counts[at] ?? 0) + count;
  });
  return counts;
}

/** The step that holds the middle of a cell, or the one at the end of the axis that is nearest. */
function stepAt({ step, first, bins }: BinnedAxis, cell: number, level: number): number {
  const middle = AxisCells.edge(cell, level) / 2 + AxisCells.edge(cell + 1, level) / 2;
  return Math.min(Math.max(Math.floor(((middle / step - first) / bins) * STEPS), 0), STEPS - 1);
}

/** Positions, in steps, of quantiles of counts; none of too few rows. */
function quantilesOf(counts: Float64Array, shares: readonly number[]): number[] {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  if (rows < FEWEST_ROWS) return [];
  return shares.map((share) => {
    let below = 0;
    const step = counts.findIndex((count) => (below += count) > share * (rows - 1));
    return step + 0.5;
  });
}
