import type { HeldOutError } from "@streamgauge/core";
import { HOURS } from "./hour-of-week.js";
import type { CappedMean, MeanError } from "./error-means.js";
import { Z95, type Reference } from "./reference.js";

/** What the errors of a model are measured by, from its reference and the tolerance. */
export interface Baseline {
  /** Where the reference comes from: the model's first logged rows, or its own figure on rows it was not fitted on. */
  readonly source: "logged" | "held-out";
  /** Rows of the reference, and their mean error. */
  readonly rows: number;
  readonly mean: number;
  /** m: while the mean error is at most this, the model is not worse. */
  readonly worse: number;
  /** The same by hour of the week; undefined without seasons. */
  readonly worseByHour: Float64Array | undefined;
  /** What a better model is measured by; undefined if the reference does not say enough. */
  readonly better: BetterBaseline | undefined;
  readonly betterByHour: readonly (BetterBaseline | undefined)[] | undefined;
}

/**
 * A stake against "the mean of min(error, cap) is at least m": gain = scale · (1 − min(error, cap) / m). Its expectation is at most 0 under
 * that hypothesis, and it is at least −3, so that 1 + λ · gain is positive for each bet λ ≤ 0.3.
 */
export interface BetterBaseline {
  readonly m: number;
  readonly cap: number;
  readonly scale: number;
}

/** The least gain of a stake on "better". */
const LEAST_GAIN = -3;

/** The baseline by a model's first rows. */
export function loggedBaseline(reference: Reference, tolerance: number, seasonal: boolean): Baseline | undefined {
  const all = reference.mean();
  if (all === undefined || !(all.upper > 0)) return undefined;
  const worse = worseThan(all, tolerance);
  return {
    source: "logged",
    rows: all.rows,
    mean: all.mean,
    worse,
    worseByHour: seasonal ? worseByHour(reference, tolerance, worse) : undefined,
    ...betterParts(reference, tolerance, seasonal),
  };
}

/** The baseline by the model's own figure. What a better model is measured by comes from its first rows, once they are there. */
export function heldOutBaseline(heldOut: HeldOutError, tolerance: number, reference: Reference | undefined): Baseline {
  const { rows, mae, sd } = heldOut;
  const worse = worseThan({ upper: mae + (Z95 * sd) / Math.sqrt(rows) }, tolerance);
  const better = reference === undefined ? undefined : betterBaseline(reference.capped(), tolerance);
  return { source: "held-out", rows, mean: mae, worse, worseByHour: undefined, better, betterByHour: undefined };
}

/** m of the kind "worse". */
export function worseThan({ upper }: Pick<MeanError, "upper">, tolerance: number): number {
  return upper * (1 + tolerance);
}

/** An hour with too few rows takes the greatest m of all: it may hide a change, and raises no false alarm. */
function worseByHour(reference: Reference, tolerance: number, overall: number): Float64Array {
  const own = Array.from({ length: HOURS }, (_, hour) => reference.mean(hour)).map((mean) =>
    mean === undefined || !(mean.upper > 0) ? undefined : worseThan(mean, tolerance),
  );
  const greatest = own.reduce<number>((most, m) => Math.max(most, m ?? 0), overall);
  return Float64Array.from(own, (m) => m ?? greatest);
}

function betterParts(reference: Reference, tolerance: number, seasonal: boolean): Pick<Baseline, "better" | "betterByHour"> {
  return {
    better: betterBaseline(reference.capped(), tolerance),
    betterByHour: seasonal ? Array.from({ length: HOURS }, (_, hour) => betterBaseline(reference.capped(hour), tolerance)) : undefined,
  };
}

/** What "better" is measured by; undefined if the errors do not say enough. */
export function betterBaseline(capped: CappedMean | undefined, tolerance: number): BetterBaseline | undefined {
  if (capped === undefined) return undefined;
  const m = capped.lower * (1 - tolerance);
  if (!(m > 0)) return undefined;
  const most = capped.cap / m - 1;
  return { m, cap: capped.cap, scale: most > -LEAST_GAIN ? -LEAST_GAIN / most : 1 };
}
