import { AxisCells } from "./axis-cells.js";
import type { CountedPoints } from "./point-density.js";
import { shownRange, type Marginal, type ShownRange } from "./shown-range.js";

/** The share of the bins that is added at either end. */
const ROOM = 0.03;
/** In scales. */
const LEAST_RANGE = 2 ** -3;
const FEWEST_BINS = 20;
const MOST_BINS = 80;
/** Bins of a direction for n points at most: this times their cube root, as the usual rules for histograms say. */
const BINS_BY_ROOT = 3;

/** Equal bins side by side along one direction of a picture. */
export interface BinnedAxis {
  readonly cells: AxisCells;
  /** The bins, each `step` scales wide; the first begins at `first` × `step` scales from the centre. */
  readonly step: number;
  readonly first: number;
  readonly bins: number;
}

/** Points counted in bins of both directions. */
export interface DensityGrid {
  readonly x: BinnedAxis;
  readonly y: BinnedAxis;
  /** Of bin `column` and `row`, at `row * x.bins + column`. */
  readonly counts: Float64Array;
  readonly largest: number;
  /** Points that are in no bin. */
  readonly outside: number;
}

/** Which part of a direction is to be seen, given where its values are. */
export type Widen = (range: ShownRange) => ShownRange;

/** How often each cell of a direction occurs. */
export function marginalsOf({ cells }: CountedPoints): { readonly x: Marginal; readonly y: Marginal } {
  const [x, y] = [new Map<number, number>(), new Map<number, number>()];
  cells.forEach((column, row, count) => {
    x.set(column, (x.get(column) ?? 0) + count);
    y.set(row, (y.get(row) ?? 0) + count);
  });
  return { x, y };
}

/** The bins of a direction. @param marginal - the cells of it. @param widen - may enlarge what its values take up. */
export function binsAlong(
  cells: AxisCells,
  marginal: Marginal,
  { count, level }: CountedPoints,
  widen: Widen = (range) => range,
): BinnedAxis {
  const range = atLeastWide(widen(shownRange(marginal, level) ?? { low: 0, high: 1 }));
  const most = Math.min(MOST_BINS, Math.max(FEWEST_BINS, Math.ceil(BINS_BY_ROOT * Math.cbrt(count))));
  // A power of two of the scale, so that bins are whole cells.
  const step = Math.max(2 ** Math.ceil(Math.log2((range.high - range.low) / most)), widest(range, level));
  const first = Math.floor(range.low / step);
  return padded({ cells, step, first, bins: Math.ceil(range.high / step) - first });
}

/** A single value stands in the middle of a range. */
function atLeastWide({ low, high }: ShownRange): ShownRange {
  const missing = Math.max(0, LEAST_RANGE - (high - low)) / 2;
  return { low: low - missing, high: high + missing };
}

/** The width of the widest cell in a range, in scales. */
function widest({ low, high }: ShownRange, level: number): number {
  const farthest = 1 + Math.max(Math.abs(low), Math.abs(high));
  return 2 ** (Math.max(0, Math.ceil(Math.log2(farthest)) - 1) - level);
}

/** With room at both ends, and as many bins as give a picture a shape if the cells there are wider than bins should be. */
function padded(axis: BinnedAxis): BinnedAxis {
  const missing = Math.max(FEWEST_BINS / 2 - axis.bins, 0);
  const room = Math.max(Math.ceil(missing / 2), Math.ceil(axis.bins * ROOM));
  return { ...axis, first: axis.first - room, bins: axis.bins + 2 * room };
}

/** Counts points in bins. */
export function gridOf({ cells, level }: CountedPoints, x: BinnedAxis, y: BinnedAxis): DensityGrid {
  const counts = new Float64Array(x.bins * y.bins);
  let [largest, outside] = [0, 0];
  cells.forEach((column, row, count) => {
    const [i, j] = [binOf(x, column, level), binOf(y, row, level)];
    if (i < 0 || j < 0) {
      outside += count;
      return;
    }
    const at = j * x.bins + i;
    counts[at] = (counts[at] ?? 0) + count;
    largest = Math.max(largest, counts[at] ?? 0);
  });
  return { x, y, counts, largest, outside };
}

/** The bin that holds the middle of a cell; -1 for none. */
export function binOf({ step, first, bins }: BinnedAxis, cell: number, level: number): number {
  const bin = Math.floor((AxisCells.edge(cell, level) / 2 + AxisCells.edge(cell + 1, level) / 2) / step) - first;
  return bin >= 0 && bin < bins ? bin : -1;
}

/** Where a value stands along the axis, in bins from its beginning. */
export function positionOf({ cells, step, first }: BinnedAxis, value: number): number {
  // Halves, since the distance of two doubles may be beyond them.
  return (value / 2 - cells.centre / 2) / (cells.scale / 2) / step - first;
}

/** The value at a position along the axis, within the doubles. */
export function valueAt({ cells, step, first }: BinnedAxis, position: number): number {
  const value = cells.centre + (first + position) * step * cells.scale;
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}
