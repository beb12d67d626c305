import type { Cell, DecimalCells } from "./decimal-cells.js";
import { decimalNumber } from "./decimal-number.js";
import { fitBins, type BinGrid } from "./fit-bins.js";

/** Values of 1e307 and more, Infinity among them, are in the bin without an end: the edges of other bins stay doubles. */
const SHOWN_BELOW_DECADE = 307;

/** Values from `from` to below `to`; `to` is Infinity for the bin that gathers a heavy tail. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Values whose bins are wanted; none is negative. */
export interface Binned {
  readonly count: number;
  readonly min: number;
  readonly cells: DecimalCells;
  /** @param ranks - ascending, 0 for the smallest value. */
  readonly valuesAt: (ranks: readonly number[]) => readonly number[];
  /** @param shares - from 0 to 1, ascending. */
  readonly quantiles: (shares: readonly number[]) => readonly number[];
}

/** Fits bins to the values that an axis can show. */
export function gridOf({ count, min, cells, valuesAt, quantiles }: Binned): BinGrid {
  const { digits } = cells;
  const shown = cells.countBelow(SHOWN_BELOW_DECADE);
  if (shown === 0) return fitBins(0, 0, 0, 0, digits);
  const [p95 = NaN, p99 = NaN] = shown === count ? quantiles([0.95, 0.99]) : valuesAt([0.95, 0.99].map((q) => Math.round(q * (shown - 1))));
  const [largest = NaN] = valuesAt([shown - 1]);
  return fitBins(min, p95, p99, largest, digits);
}

/** Counts cells in the bins of a grid. @param count - of all values; those beyond the grid are in a last bin to Infinity. */
export function binsOf(cells: Iterable<Cell>, grid: BinGrid, count: number): Bin[] {
  const { first, bins, step, exponent } = grid;
  const counts = new Float64Array(bins);
  let shown = 0;
  for (const cell of cells) {
    // Cells wider than a bin's unit are beyond the last bin, which is a union of cells.
    if (cell.mantissa > 0 && cell.exponent > exponent) break;
    const index = Math.floor(cell.mantissa / (step * 10 ** (exponent - cell.exponent))) - first;
    if (index >= bins) break;
    counts[index] = (counts[index] ?? 0) + cell.count;
    shown += cell.count;
  }
  const edge = (index: number): number => decimalNumber((first + index) * step, exponent);
  const shownBins = Array.from(counts, (each, index) => ({ from: edge(index), to: edge(index + 1), count: each }));
  return shown === count ? shownBins : [...shownBins, { from: edge(bins), to: Infinity, count: count - shown }];
}
