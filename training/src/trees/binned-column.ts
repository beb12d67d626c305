/** A column in at most 256 bins, which is all that a split looks at. */
export interface BinnedColumn {
  /** [rows]; the bin of each value. */
  readonly bins: Uint8Array;
  /** [bins - 1], ascending, float32: bin b holds the values above thresholds[b - 1] and at most thresholds[b]. */
  readonly thresholds: Float32Array;
}

const MAX_BINS = 256;

/**
 * Sorts a column's values, rounded to float32 as a model gets them, into bins: one per value if there are few, otherwise
 * about as many rows in each. A threshold lies between two values, in the middle if float32 has a number there.
 *
 * @param column - [rows], finite.
 */
export function binColumn(column: Float64Array): BinnedColumn {
  const values = Float32Array.from(column);
  const thresholds = thresholdsOf(values.toSorted());
  return { bins: Uint8Array.from(values, (value) => binOf(thresholds, value)), thresholds };
}

function thresholdsOf(sorted: Float32Array): Float32Array {
  const distinct = new Set(sorted).size;
  const edges: number[] = [];
  let from = 0;
  for (let at = 1; at < sorted.length; at += 1) {
    const [before = 0, value = 0] = [sorted[at - 1], sorted[at]];
    // With more values than bins, the next edge comes where its share of the rows is full.
    const isDue = distinct <= MAX_BINS || (at - from) * MAX_BINS >= sorted.length;
    if (value === before || !isDue || edges.length === MAX_BINS - 1) continue;
    edges.push(between(before, value));
    from = at;
  }
  return Float32Array.from(edges);
}

/** A float32 that is at least the lower and below the upper of two. */
function between(lower: number, upper: number): number {
  const middle = Math.fround(lower + (upper - lower) / 2);
  return middle >= lower && middle < upper ? middle : lower;
}

function binOf(thresholds: Float32Array, value: number): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (thresholds[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
