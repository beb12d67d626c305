import { ErrorWindow } from "./error-window.js";
import type { SavedWindow } from "./saved-window.js";
import { lengthOf, startOf, type WindowSize } from "./window-size.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Weeks begin here, and so does everything shorter; ms since 1970. */
const MONDAY = 4 * DAY_MS;

/** Each is a multiple of the one before it. */
const LENGTHS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  7 * DAY_MS,
  28 * DAY_MS,
  364 * DAY_MS,
  3_640 * DAY_MS,
];

/** The lengths to which windows of a size merge, ascending, in ms; the first is their own. */
export function longerLengths(size: WindowSize): number[] {
  return LENGTHS.filter((length) => length >= lengthOf(size));
}

/** Where the longer window begins that holds this time. Both in ms since 1970. @param length - of `longerLengths`. */
export function longerStart(time: number, length: number): number {
  return startOf(time - MONDAY, length) + MONDAY;
}

/** Windows of one lane as fewer, longer ones. @param windows - ascending. @param length - of `longerLengths`, in ms. */
export function* longerWindows(windows: Iterable<SavedWindow>, length: number): Generator<SavedWindow> {
  let longer: ErrorWindow | undefined;
  for (const window of windows) {
    const start = longerStart(window.start, length);
    if (longer !== undefined && longer.start !== start) {
      yield longer.save();
      longer = undefined;
    }
    longer ??= new ErrorWindow(window.size, start);
    longer.merge(window);
  }
  if (longer !== undefined) yield longer.save();
}
