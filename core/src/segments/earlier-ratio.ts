import type { Sums } from "./bin-sums.js";

/** Fewer rows of a reference say nothing of a segment. */
export const LEAST_REFERENCE_ROWS = 30;
/** Standard errors that an earlier ratio may be too small by. */
const MARGIN = 3;

/**
 * How many times larger the mean error of a part was than that of the rest, in earlier windows, with three standard errors on top: what it has to
 * exceed to stand out.
 *
 * @param inflation - of the variance, by dependence. @returns 1 if there were too few rows of either.
 */
export function earlierRatio(part: Sums, rest: Sums, inflation: number): number {
  if (part.rows < LEAST_REFERENCE_ROWS || rest.rows < LEAST_REFERENCE_ROWS) return 1;
  const ratio = part.absolute / part.rows / (rest.absolute / rest.rows);
  const error = Math.sqrt(inflation * (relativeVariance(part) + relativeVariance(rest)));
  const bound = ratio * Math.exp(MARGIN * error);
  return Number.isFinite(bound) && bound > 0 ? bound : 1;
}

/** Of a mean, as a share of its square. */
function relativeVariance({ rows, absolute, squares }: Sums): number {
  const root = Math.sqrt(squares) / absolute;
  return Math.max(0, root * root - 1 / rows);
}

/** The part as it would be if its errors were smaller by this factor. */
export function scaledBack(part: Sums, factor: number): Sums {
  return { ...part, absolute: part.absolute / factor, squares: part.squares / factor / factor };
}
