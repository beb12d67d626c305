const HOUR_MS = 3_600_000;
/** Hours of a week. */
export const HOURS = 168;
/** A week in ms. */
export const WEEK_MS = HOURS * HOUR_MS;

/**
 * The hour of the week of a time, in UTC: 0 to 167, counted from Thursday 00:00, the weekday of 1 January 1970.
 *
 * @param time - ms since 1970. @returns undefined if the row has no time.
 */
export function hourOfWeek(time: number): number | undefined {
  if (!Number.isFinite(time)) return undefined;
  const hour = Math.floor(time / HOUR_MS) % HOURS;
  return hour < 0 ? hour + HOURS : hour;
}
