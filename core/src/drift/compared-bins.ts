import { MISSING, OTHER, UNSEEN } from "./feature-bins.js";
import type { Counts } from "./distances.js";
import type { FeatureReference } from "./reference.js";

/** Both sides together have at least so many rows in each bin that is compared: of fewer the index is no χ² (Cochran 1954). */
const LEAST_ROWS = 5;
/** If texts of a reference have fewer than five rows, those with fewer than these are rare too: of many rare texts the commonest of a sample are less common than they look. */
const LEAST_TEXT_ROWS = 20;

/** Rows of both sides in the bins that are compared; shape [compared bins]. */
export interface ComparedCounts {
  readonly reference: readonly number[];
  readonly window: readonly number[];
}

/**
 * The bins of a reference that are compared, in order, each as the bins that it is of: of numbers all as they are, of texts missing values, then rare and
 * unseen texts together, then each of the others.
 */
export function comparedBins({ bins, counts }: FeatureReference): readonly (readonly number[])[] {
  const all = Array.from(counts, (_, bin) => bin);
  if (bins.kind === "number") return all.map((bin) => [bin]);
  const hasFew = (counts[OTHER] ?? 0) > 0 || counts.slice(UNSEEN + 1).some((rows) => rows < LEAST_ROWS);
  const isOwn = (bin: number) => bin > UNSEEN && (!hasFew || (counts[bin] ?? 0) >= LEAST_TEXT_ROWS);
  return [[MISSING], all.filter((bin) => bin !== MISSING && !isOwn(bin)), ...all.filter(isOwn).map((bin) => [bin])];
}

/**
 * Rows of two sides in the bins that are compared. A bin in which both together have fewer than five rows takes in the next one; at the end, the one before.
 *
 * @param bins - see `comparedBins`.
 */
export function comparedCounts(bins: readonly (readonly number[])[], reference: Counts, window: Counts): ComparedCounts {
  const joined: { reference: number[]; window: number[] } = { reference: [], window: [] };
  let [ofReference, ofWindow] = [0, 0];
  for (const each of bins) {
    for (const bin of each) {
      ofReference += reference[bin] ?? 0;
      ofWindow += window[bin] ?? 0;
    }
    if (ofReference + ofWindow < LEAST_ROWS) continue;
    joined.reference.push(ofReference);
    joined.window.push(ofWindow);
    [ofReference, ofWindow] = [0, 0];
  }
  const last = Math.max(0, joined.reference.length - 1);
  joined.reference[last] = (joined.reference[last] ?? 0) + ofReference;
  joined.window[last] = (joined.window[last] ?? 0) + ofWindow;
  return joined;
}
