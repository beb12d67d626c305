import { comparedBins, comparedCounts } from "./compared-bins.js";
import { jensenShannon, stabilityIndex, stabilityNoise, wasserstein } from "./distances.js";
import { aboveBin, BELOW, type NumberBins } from "./feature-bins.js";
import type { FeatureReference } from "./reference.js";

/** A population stability index below this is no drift that matters, however certain it is. */
export const DRIFT_TOLERANCE = 0.1;
/** How often one of all features is flagged although none has drifted, at most. */
export const DRIFT_RISK = 0.05;
/** Of a few hundred rows the index is above its limit for many rows up to twice as often. */
const LIMIT_RISK = DRIFT_RISK / 2;

/** Rows of a feature by bin, to compare with the reference. */
export interface Observed {
  /** Shape [bins]. */
  readonly counts: Float64Array;
  /** Mean of the numbers below and above the reference's range, if there are any. */
  readonly below?: number;
  readonly above?: number;
}

/** Whether a feature has moved from the reference. */
export interface Stability {
  /** Population stability index. */
  readonly psi: number;
  /** What it exceeds though nothing has drifted, of all features once in `1 / DRIFT_RISK` times at the most. */
  readonly noise: number;
  /** Whether the index is above its noise and above the tolerance. */
  readonly drifted: boolean;
}

/** How far a feature has moved from the reference. */
export interface Drift extends Stability {
  /** Jensen–Shannon distance to base 2, 0 to 1. */
  readonly js: number;
  /** First Wasserstein distance in standard deviations of the reference, of a feature with numbers that vary; missing values are left out. */
  readonly wasserstein?: number;
}

/** What a distance is judged by. */
export interface Judged {
  /** How many features are looked at together. */
  readonly features: number;
  /** How far the hours of the feature differ by themselves, for as many hours as the rows are of; see `spreadOver`. Default: 0. */
  readonly spread?: number;
}

/** @param observed - rows by bin, shape [bins]. */
export function stabilityOf(of: FeatureReference, observed: Float64Array, { features, spread = 0 }: Judged): Stability {
  const { reference, window } = comparedCounts(comparedBins(of), of.counts, observed);
  const psi = stabilityIndex(reference, window);
  const noise = stabilityNoise(reference, window, LIMIT_RISK / features) + spread;
  return { psi, noise, drifted: psi > Math.max(DRIFT_TOLERANCE, noise) };
}

/** @param observed - rows by bin. */
export function driftOf(of: FeatureReference, observed: Observed, judged: Judged): Drift {
  const { bins, counts: reference } = of;
  const { psi, noise, drifted } = stabilityOf(of, observed.counts, judged);
  const distance = bins.kind === "number" && bins.sd > 0 ? moved(bins, reference, observed) / bins.sd : undefined;
  return {
    psi,
    noise,
    js: jensenShannon(reference, observed.counts),
    ...(distance === undefined ? {} : { wasserstein: distance }),
    drifted,
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
