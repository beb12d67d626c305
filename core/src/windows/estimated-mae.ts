import type { Moments } from "../statistics/moments.js";
import type { ErrorWindow } from "./error-window.js";

/** An estimate of the MAE of all predictions of a window, with and without a label. */
export interface EstimatedMae {
  readonly value: number;
  /** Bounds of its 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** The share of the predictions in tenths without labels, for which the mean of the reference stands. */
  readonly fromReference: number;
}

/** Of the normal distribution: 95 % lies within so many standard deviations of its mean. */
const WITHIN_95 = 1.959963984540054;

/**
 * Early labels are a biased sample: rows with small predictions may be labelled sooner. The estimate weighs each tenth of the predictions
 * by how many there are of it (post-stratification; Cochran 1977, Sampling Techniques, 5A.8–5A.9):
 *
 *     Σ_k (N_k/N)·mean|e|_k, with the variance Σ_k (N_k/N)²·s_k²/n_k
 *
 * where N_k counts the predictions of tenth k and n_k the labelled ones. A tenth without labels takes the mean of the reference, and one
 * with fewer than two the variance of all labelled rows.
 *
 * @returns undefined without labels, or if a tenth has no labels and there is no reference.
 */
export function estimatedMae(window: ErrorWindow): EstimatedMae | undefined {
  const { predicted, labelled, referenceMae } = window;
  if (labelled === 0) return undefined;
  const pooled = varianceOf(window.errors());
  let value = 0;
  let variance = 0;
  let fromReference = 0;
  for (const { predicted: rows, moments } of window.tenths()) {
    const { count: n, absolute } = moments;
    const share = rows / predicted;
    if (n === 0) fromReference += share;
    value += share * (n === 0 ? referenceMae : absolute / n);
    const spread = n < 2 ? pooled : varianceOf(moments);
    variance += (share * share * spread) / Math.max(1, n);
  }
  if (Number.isNaN(value)) return undefined;
  const half = WITHIN_95 * Math.sqrt(variance);
  return { value, low: Math.max(0, value - half), high: value + half, fromReference };
}

/** The variance of absolute errors; 0 of one. */
function varianceOf({ count, absolute, squared }: Moments): number {
  return count < 2 ? 0 : Math.max(0, (squared - (absolute * absolute) / count) / (count - 1));
}
