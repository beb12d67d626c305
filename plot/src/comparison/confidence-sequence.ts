/** Mean, and the interval around it that holds the true mean at all times at once with the confidence asked for. */
export interface MeanInterval {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** 1 − confidence. */
const ALPHA = 0.05;
/** The number of values at which the interval is tightest. */
const TIGHTEST_AT = 1_000;
/** The guarantee is asymptotic; below this number of values there is no interval. */
export const LEAST_ROWS = 100;

const RHO_SQUARED = (-2 * Math.log(ALPHA) + Math.log(-2 * Math.log(ALPHA) + 1)) / TIGHTEST_AT;

/**
 * An asymptotic confidence sequence for a mean, at 95 %: it may be checked at any time and as often as needed, and the
 * intervals seen hold the true mean at all these times together. It needs no bound on the values, only that they are
 * independent, alike in distribution, and have somewhat more than two moments.
 *
 * I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy, A. Ramdas: Time-uniform central limit theory and asymptotic confidence
 * sequences. Annals of Statistics 52 (2024), theorem 2.2; arXiv:2103.06476. Its parameter is chosen as in their appendix B.2.
 *
 * @param count - of values. @param variance - of these, in their unit squared.
 * @returns undefined for fewer than 100 values.
 */
export function confidenceSequence(count: number, mean: number, variance: number): MeanInterval | undefined {
  if (count < LEAST_ROWS) return undefined;
  const spread = count * RHO_SQUARED + 1;
  const margin = Math.sqrt(variance) * Math.sqrt(((2 * spread) / (count ** 2 * RHO_SQUARED)) * Math.log(Math.sqrt(spread) / ALPHA));
  return { mean, lower: mean - margin, upper: mean + margin };
}
