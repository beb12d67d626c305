import type { Sums } from "./bin-sums.js";

/** Stakes, in units of 1/R. */
const STAKES = [1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32];

/** A segment stands out only if its mean error is larger than what it is compared with by more than this share. */
export const SEGMENT_TOLERANCE = 0.05;

/** What speaks for it that rows of a part have larger errors than the others of a whole. Evidence of blocks of time adds up. */
export interface Evidence {
  /** Σ (X − p)/R, of a block in which the part has the share X of the error and p of the rows. */
  readonly gain: number;
  /** Σ (rows of the part)·σ²/M²·φ(u·M/R) of each stake u. */
  readonly prices: readonly number[];
  /**
   * Σ (X·(1 − p) − (1 + tolerance)·p·(1 − X))/R: above 0 if the mean error of the part is larger than that of the other rows by more than the tolerance. A block
   * weighs as it does in `gain`: one absurd error among the other rows would else hide every part that is worse.
   */
  readonly margin: number;
}

export const NO_EVIDENCE: Evidence = { gain: 0, prices: STAKES.map(() => 0), margin: 0 };

/** A greatest share so little above the mean is a rounding of it: all errors are equal. As a share of the mean. */
const ROUNDING = 1e-6;

/** How a part of a block stands out. */
interface Deviation extends Evidence {
  /** How much larger the share of the error is than that of the rows, as a share of it, and its variance if rows of the part were drawn at random. */
  readonly relative: number;
  readonly variance: number;
}

/**
 * How the part of a block of rows stands out, given all errors of the block.
 *
 * If the rows of the part were drawn from the block at random, E exp(λ(X − p)) ≤ exp(rows·σ²/M²·φ(λM)) with φ(u) = eᵘ − 1 − u (Bennett's inequality; drawing
 * without putting back is no worse: Hoeffding 1963, theorem 4). A row has the share |e|/Σ|e| of the error: σ² is the variance of these shares, and M how far
 * the greatest may lie above their mean 1/n: by `peak`, or, if that is not known, by √Σe²/Σ|e|, which is never less. So an error may be as large as it likes.
 * λ = u/R with R = √Σe²/Σ|e| − 1/n, whatever the peak is: hours with small peaks would else have the largest stakes, and hours in which nothing was wrong
 * outweigh the one in which something is.
 *
 * @param peak - no |e| of the block is larger. @returns undefined if the block says nothing: fewer than two rows, no error, or sums beyond the largest double.
 */
export function deviationOf(part: Sums, whole: Sums, peak = Infinity): Deviation | undefined {
  const { rows: n, absolute, squares } = whole;
  if (n < 2 || part.rows === 0 || part.rows === n || !(absolute > 0) || !Number.isFinite(squares)) return undefined;
  // Shares first: the square of a sum may be beyond the largest double.
  const root = Math.sqrt(squares) / absolute;
  const scale = root - 1 / n;
  const most = Math.min(scale, peak / absolute - 1 / n);
  const variance = Math.max(0, root * root - 1 / n) / n;
  if (!(most > ROUNDING / n)) return undefined;
  const p = part.rows / n;
  const share = part.absolute / absolute;
  const difference = share - p;
  return {
    gain: difference / scale,
    prices: STAKES.map((u) => ((part.rows * variance) / (most * most)) * phi((u * most) / scale)),
    margin: (share * (1 - p) - (1 + SEGMENT_TOLERANCE) * p * (1 - share)) / scale,
    relative: difference / p,
    variance: (part.rows * (1 - p) * (n / (n - 1)) * variance) / (p * p),
  };
}

/** φ(x) = eˣ − 1 − x. */
function phi(x: number): number {
  return Math.expm1(x) - x;
}

/** The evidence of two times together. */
export function bothOf(one: Evidence, other: Evidence): Evidence {
  return {
    gain: one.gain + other.gain,
    prices: one.prices.map((price, i) => price + (other.prices[i] ?? 0)),
    margin: one.margin + other.margin,
  };
}

/**
 * The e-value of the hypothesis that rows of the part are rows like the others: the mean over the stakes u of exp(u·gain − the price of u).
 *
 * @param inflation - how many times larger the variance of a share is than that of rows drawn at random; a group of so many rows then counts as one.
 */
export function eValueOf({ gain, prices }: Pick<Evidence, "gain" | "prices">, inflation: number): number {
  const logs = STAKES.map((u, i) => (u * gain - (prices[i] ?? 0)) / inflation);
  const greatest = Math.max(...logs);
  const mean = logs.reduce((sum, log) => sum + Math.exp(log - greatest), 0) / STAKES.length;
  return Math.min(Number.MAX_VALUE, Math.exp(greatest) * mean);
}
