/** The rows at which the interval is the narrowest for its level. */
const TUNED_ROWS = 500;
const ALPHA = 0.05;
/** ρ² of the boundary, which makes it the narrowest at `TUNED_ROWS`. */
const RHO_SQUARED = (-2 * Math.log(ALPHA) + Math.log(-2 * Math.log(ALPHA) + 1)) / TUNED_ROWS;

/** An interval, 0 or more at both ends. */
export interface MeanInterval {
  readonly low: number;
  readonly high: number;
}

/**
 * A 95 % confidence sequence of a mean (asymptotic: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, arXiv 2103.06476, theorem 2.2):
 * it holds at all numbers of rows at once, so that the rows may end when an alarm chooses.
 *
 * @param squares - the sum of the squares. @returns undefined for fewer than 2 rows and for sums beyond the largest double.
 */
export function meanInterval(rows: number, sum: number, squares: number): MeanInterval | undefined {
  const mean = sum / rows;
  const variance = Math.max(0, squares / rows - mean * mean);
  if (rows < 2 || !Number.isFinite(variance)) return undefined;
  const scaled = rows * RHO_SQUARED + 1;
  const margin = Math.sqrt(variance) * Math.sqrt(((2 * scaled) / (rows * rows * RHO_SQUARED)) * Math.log(Math.sqrt(scaled) / ALPHA));
  return { low: Math.max(0, mean - margin), high: mean + margin };
}
