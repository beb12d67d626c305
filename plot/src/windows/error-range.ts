import type { WindowPoint } from "@streamgauge/core/windows";

/** So many times as large as nine tenths of the windows an error is beyond the axis. */
const FAR_BEYOND = 20;
/** How far an axis goes on beyond the errors that it shows, as a share of what they take up. */
const ROOM = 0.08;
/** Errors that differ by less, as a share of the largest, are drawn as alike. */
const LITTLE = 0.05;

/** Where the axis of errors begins and ends. */
export interface ErrorRange {
  readonly low: number;
  readonly high: number;
  /** The windows whose error is beyond it, and the largest of these errors; Infinity if it is beyond the largest double. */
  readonly beyond: number;
  readonly largest: number;
}

/** The range that holds the errors of the windows and their intervals, unless a few are so large that they would squash the others. */
export function errorRange(windows: readonly WindowPoint[]): ErrorRange {
  const labelled = windows.filter(({ labelled: rows }) => rows > 0).map(({ mae }) => mae);
  const finite = labelled.filter(Number.isFinite).sort((one, other) => one - other);
  const nineTenths = finite[Math.ceil(0.9 * (finite.length - 1))] ?? 0;
  const limit = nineTenths > 0 ? FAR_BEYOND * nineTenths : Infinity;
  const intervals = windows.flatMap(({ estimate }) => (estimate === undefined ? [] : [estimate.low, estimate.high]));
  const shown = [...finite, ...intervals].filter((value) => value <= limit && value < Infinity);
  const beyond = labelled.filter((value) => !(value <= limit) || value === Infinity);
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  return { ...axisOf(least, most), beyond: beyond.length, largest: Math.max(...beyond, -Infinity) };
}

/** From zero, unless that would leave more than half of the axis empty, and the errors differ by more than a little. */
function axisOf(least: number, most: number): Pick<ErrorRange, "low" | "high"> {
  if (!(most > 0)) return { low: 0, high: 1 };
  const spread = most - least;
  const low = least > most / 2 && spread > most * LITTLE ? least - ROOM * spread : 0;
  return { low, high: Math.min(most + ROOM * (most - low), Number.MAX_VALUE) };
}
