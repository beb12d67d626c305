import { jensenShannon, stabilityIndex, stabilityNoise, wasserstein } from "./distances.js";
import { aboveBin, BELOW, type NumberBins } from "./feature-bins.js";
import type { FeatureReference } from "./reference.js";

/** A population stability index below this is no drift that matters, however certain it is. */
export const DRIFT_TOLERANCE = 0.1;
/** How often one of all features is flagged although none has drifted, at most, in the limit of many rows. */
export const DRIFT_RISK = 0.05;

/** Rows of a feature by bin, to compare with the reference. */
export interface Observed {
  /** Shape [bins]. */
  readonly counts: Float64Array;
  /** Mean of the numbers below and above the reference's range, if there are any. */
  readonly below?: number;
  readonly above?: number;
}

/** How far a feature has moved from the reference. */
export interface Drift {
  /** Population stability index. */
  readonly psi: number;
  /** What it exceeds by chance alone, once in `features / DRIFT_RISK` times. */
  readonly noise: number;
  /** Jensen–Shannon distance to base 2, 0 to 1. */
  readonly js: number;
  /** First Wasserstein distance in standard deviations of the reference, of a feature with numbers that vary; missing values are left out. */
  readonly wasserstein?: number;
  /** Whether the index is above its noise and above the tolerance. */
  readonly drifted: boolean;
}

/** @param features - how many are looked at together. */
export function driftOf({ bins, counts: reference }: FeatureReference, observed: Observed, features: number): Drift {
  const psi = stabilityIndex(reference, observed.counts);
  const noise = stabilityNoise(reference, observed.counts, DRIFT_RISK / features);
  const distance = bins.kind === "number" && bins.sd > 0 ? moved(bins, reference, observed) / bins.sd : undefined;
  return {
    psi,
    noise,
    js: jensenShannon(reference, observed.counts),
    ...(distance === undefined ? {} : { wasserstein: distance }),
    drifted: psi > Math.max(DRIFT_TOLERANCE, noise),
  };
}

/** Each bin is at the mean of its values in the reference. */
function moved(bins: NumberBins, reference: readonly number[], { counts, below, above }: Observed): number {
  const [least = 0] = bins.edges;
  const greatest = bins.edges.at(-1) ?? 0;
  const places = [below ?? least, ...bins.centers, above ?? greatest];
  const end = aboveBin(bins) + 1;
  return wasserstein(places, reference.slice(BELOW, end), counts.subarray(BELOW, end));
}
