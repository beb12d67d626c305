import { chiSquaredQuantile } from "./chi-squared.js";

/** Rows by bin, shape [bins]. */
export type Counts = ArrayLike<number>;

/** Added to each bin of the population stability index: a logarithm needs more than none (Jeffreys' prior). */
const PRIOR = 0.5;

/**
 * The population stability index, Σ (q − p)·ln(q/p), over the bins that either side has rows in. Half a row is added to each of them.
 *
 * @returns nearly 0 for equal shares; NaN if a side is empty.
 */
export function stabilityIndex(reference: Counts, window: Counts): number {
  const [m, n] = [totalOf(reference), totalOf(window)];
  if (m === 0 || n === 0) return Number.NaN;
  const prior = PRIOR * usedBins(reference, window);
  let index = 0;
  for (let bin = 0; bin < reference.length; bin += 1) {
    const [ofReference, ofWindow] = [reference[bin] ?? 0, window[bin] ?? 0];
    if (ofReference + ofWindow === 0) continue;
    const p = (ofReference + PRIOR) / (m + prior);
    const q = (ofWindow + PRIOR) / (n + prior);
    index += (q - p) * Math.log(q / p);
  }
  return index;
}

/**
 * What the population stability index exceeds with probability α though both sides are drawn from one distribution, in the limit of many rows:
 * (1/n + 1/m)·χ²₁₋α with bins − 1 degrees of freedom (Yurdakul and Naranjo, Statistical properties of the population stability index, 2020).
 */
export function stabilityNoise(reference: Counts, window: Counts, alpha: number): number {
  const degrees = usedBins(reference, window) - 1;
  const [m, n] = [totalOf(reference), totalOf(window)];
  if (m === 0 || n === 0) return Infinity;
  return degrees < 1 ? 0 : (1 / n + 1 / m) * quantileOf(1 - alpha, degrees);
}

/** Hours of features ask for a few of them again and again; one takes a tenth of a millisecond. By probability, then by degrees. */
const quantiles = new Map<number, number[]>();
const MOST_PROBABILITIES = 200;

function quantileOf(probability: number, degrees: number): number {
  let ofProbability = quantiles.get(probability);
  if (ofProbability === undefined) {
    if (quantiles.size >= MOST_PROBABILITIES) quantiles.clear();
    quantiles.set(probability, (ofProbability = []));
  }
  return (ofProbability[degrees] ??= chiSquaredQuantile(probability, degrees));
}

/** The Jensen–Shannon distance to base 2: the square root of the divergence, 0 for equal shares and 1 for shares without a common bin. NaN if a side is empty. */
export function jensenShannon(reference: Counts, window: Counts): number {
  const [m, n] = [totalOf(reference), totalOf(window)];
  let divergence = 0;
  for (let bin = 0; bin < reference.length; bin += 1) {
    const [p, q] = [(reference[bin] ?? 0) / m, (window[bin] ?? 0) / n];
    const middle = (p + q) / 2;
    divergence += (part(p, middle) + part(q, middle)) / 2;
  }
  return Math.sqrt(Math.max(0, divergence));
}

function part(share: number, middle: number): number {
  return share === 0 ? 0 : share * Math.log2(share / middle);
}

/**
 * The first Wasserstein distance: how far the mass of one side has to be moved to become the other, on average, in the unit of the places.
 *
 * @param places - where the rows of each bin are, rising; shape [bins]. @returns NaN if a side is empty.
 */
export function wasserstein(places: readonly number[], reference: Counts, window: Counts): number {
  const [m, n] = [totalOf(reference), totalOf(window)];
  let below = 0;
  let distance = 0;
  for (let i = 0; i + 1 < places.length; i += 1) {
    below += (reference[i] ?? 0) / m - (window[i] ?? 0) / n;
    const step = (places[i + 1] ?? 0) - (places[i] ?? 0);
    if (below !== 0) distance += Math.abs(below) * step;
  }
  return m === 0 || n === 0 ? Number.NaN : distance;
}

/** How many bins either side has rows in. */
function usedBins(reference: Counts, window: Counts): number {
  let used = 0;
  for (let bin = 0; bin < reference.length; bin += 1) if ((reference[bin] ?? 0) + (window[bin] ?? 0) > 0) used += 1;
  return used;
}

function totalOf(counts: Counts): number {
  let total = 0;
  for (let bin = 0; bin < counts.length; bin += 1) total += counts[bin] ?? 0;
  return total;
}
