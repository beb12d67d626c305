/** A date, or a time to the minute or finer, perhaps with an offset. Tables print times with a space in place of the T. */
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?<offset>Z|[+-]\d\d:\d\d)?)?$/;
/** As far from 1970 as a date can be, in ms (ECMA-262, time values). */
const FARTHEST = 8.64e15;

/**
 * A bound of a range of windows as users write it: RFC 3339, also without seconds or with a space for the T, or a date, or ms since 1970. It is in UTC unless it has an offset.
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
  const [day, time] = text.split(/[T ]/);
  if (time === undefined) return Date.parse(text);
  return Date.parse(`${day}T${time}${found.groups?.["offset"] === undefined ? "Z" : ""}`);
}

/** What to say of a range that ends before it begins, or holds nothing. @param from - and `to`: as they are shown. */
export function reversedRange(from: string, to: string): string {
  return `from is ${from} and to is ${to}: to must be later than from. Exchange them, or leave one out.`;
}
