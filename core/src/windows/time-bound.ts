/** A date, or a time to the minute or finer, perhaps with an offset. */
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?<offset>Z|[+-]\d\d:\d\d)?)?$/;
/** As far from 1970 as a date can be, in ms (ECMA-262, time values). */
const FARTHEST = 8.64e15;

/**
 * A bound of a range of windows as users write it: RFC 3339, also without seconds, or a date, or ms since 1970. It is in UTC unless it has an offset.
 *
 * @returns ms since 1970; undefined if the text is no time.
 */
export function readTimeBound(text: string): number | undefined {
  const time = /^-?\d+$/.test(text) ? Number(text) : timeOf(text);
  return Math.abs(time) <= FARTHEST ? time : undefined;
}

function timeOf(text: string): number {
  const found = TIME.exec(text);
  if (found === null) return Number.NaN;
  return Date.parse(text.includes("T") && found.groups?.["offset"] === undefined ? `${text}Z` : text);
}
