const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long windows are, and how long they are kept; ascending. Windows begin at multiples of their length, in UTC. */
export const WINDOW_SIZES = [
  { name: "1m", ms: MINUTE_MS, keptMs: DAY_MS },
  { name: "1h", ms: HOUR_MS, keptMs: 90 * DAY_MS },
  { name: "1d", ms: DAY_MS, keptMs: Infinity },
] as const;

export type WindowSize = (typeof WINDOW_SIZES)[number]["name"];

export const WINDOW_SIZE_NAMES: readonly WindowSize[] = WINDOW_SIZES.map(({ name }) => name);

/** The length of a window, in ms. */
export function lengthOf(size: WindowSize): number {
  return WINDOW_SIZES.find(({ name }) => name === size)?.ms ?? Number.NaN;
}

/** Where the windows of a size begin that are kept, ms since 1970. @param watermark - the latest event time that is not in the future. */
export function keptFrom(size: WindowSize, watermark: number): number {
  const { ms, keptMs } = WINDOW_SIZES.find(({ name }) => name === size) ?? WINDOW_SIZES[0];
  return startOf(watermark, ms) - keptMs;
}

/** Where the window begins that holds this time. Both in ms since 1970. @param ms - the window's length. */
export function startOf(time: number, ms: number): number {
  return Math.floor(time / ms) * ms;
}

/** The last moment that can be written, ms since 1970; times before 1970 go as far (ECMA-262, time values). */
const LAST_MS = 8.64e15;

/** The nearest moment that can be written: the end of the last window of all is after it. Both in ms since 1970. */
export function writableTime(ms: number): number {
  return Math.max(-LAST_MS, Math.min(LAST_MS, ms));
}

/** A bound of a window in ISO 8601. */
export function boundText(ms: number): string {
  return new Date(writableTime(ms)).toISOString();
}
