import type { BinnedColumn } from "./binned-column.js";
import type { GrownTree } from "./tree.js";

export interface GrowOptions {
  readonly columns: readonly BinnedColumn[];
  /** What is to be predicted, [all rows]. */
  readonly target: Float64Array;
  /** Rows to grow on; one may come more than once. Put into another order. */
  readonly rows: Int32Array;
  readonly maxDepth: number;
  /** Rows in a leaf, at least. */
  readonly minLeaf: number;
  /** The features that a node may be split by, drawn anew for each. */
  readonly candidates: () => readonly number[];
}

interface Split {
  readonly feature: number;
  /** Rows of this bin and those below go left. */
  readonly bin: number;
  readonly gain: number;
}

/** A gain below this share of a node's sum of squares is rounding. */
const LEAST_GAIN = 1e-12;

/**
 * Grows a regression tree from the root: each node is split where the sum of squares falls most, and a leaf's weight is
 * the mean of the target over its rows. Source: Breiman et al., Classification and Regression Trees (1984), 8.4;
 * histograms in place of sorted values: Ke et al., LightGBM (2017), algorithm 1.
 */
export function growTree(options: GrowOptions): GrownTree {
  const { columns, target, rows, maxDepth } = options;
  const feature: number[] = [];
  const threshold: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const weight: number[] = [];
  const gain = new Float64Array(columns.length);

  const grow = (from: number, to: number, depth: number): number => {
    const node = feature.length;
    const part = rows.subarray(from, to);
    let sum = 0;
    for (const row of part) sum += target[row] ?? 0;
    feature.push(-1);
    threshold.push(0);
    left.push(0);
    right.push(0);
    weight.push(part.length === 0 ? 0 : sum / part.length);
    const split = depth < maxDepth ? bestSplit(options, part, sum) : undefined;
    const column = split === undefined ? undefined : columns[split.feature];
    if (split === undefined || column === undefined) return node;
    gain[split.feature] = (gain[split.feature] ?? 0) + split.gain;
    feature[node] = split.feature;
    threshold[node] = column.thresholds[split.bin] ?? 0;
    weight[node] = 0;
    const middle = from + partition(part, column.bins, split.bin);
    left[node] = grow(from, middle, depth + 1);
    right[node] = grow(middle, to, depth + 1);
    return node;
  };
  grow(0, rows.length, 0);
  return { tree: { feature, threshold, left, right, weight }, gain };
}

/** The split that gains most; the first of equals. Undefined if none gains. */
function bestSplit({ columns, target, minLeaf, candidates }: GrowOptions, rows: Int32Array, sum: number): Split | undefined {
  if (rows.length < 2 * minLeaf) return undefined;
  let squares = 0;
  for (const row of rows) squares += (target[row] ?? 0) ** 2;
  const whole = (sum * sum) / rows.length;
  let best: Split | undefined;
  for (const feature of candidates()) {
    const column = columns[feature];
    if (column === undefined) continue;
    const { sums, counts } = histogram(column, target, rows);
    let [leftSum, leftCount] = [0, 0];
    for (let bin = 0; bin < column.thresholds.length; bin += 1) {
      leftSum += sums[bin] ?? 0;
      leftCount += counts[bin] ?? 0;
      const rightCount = rows.length - leftCount;
      if (leftCount < minLeaf) continue;
      if (rightCount < minLeaf) break;
      const gain = leftSum ** 2 / leftCount + (sum - leftSum) ** 2 / rightCount - whole;
      if (gain > (best?.gain ?? LEAST_GAIN * squares)) best = { feature, bin, gain };
    }
  }
  return best;
}

function histogram({ bins, thresholds }: BinnedColumn, target: Float64Array, rows: Int32Array) {
  const sums = new Float64Array(thresholds.length + 1);
  const counts = new Int32Array(thresholds.length + 1);
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at]!;
    const bin = bins[row]!;
    sums[bin]! += target[row]!;
    counts[bin]! += 1;
  }
  return { sums, counts };
}

/** Brings the rows of the lower bins to the front. @returns how many they are. */
function partition(rows: Int32Array, bins: Uint8Array, bin: number): number {
  const upper: number[] = [];
  let lower = 0;
  for (const row of rows) {
    if ((bins[row] ?? 0) <= bin) rows[lower++] = row;
    else upper.push(row);
  }
  rows.set(upper, lower);
  return lower;
}
