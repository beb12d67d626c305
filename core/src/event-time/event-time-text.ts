import { isMissingNumber, numberOf } from "../csv/csv-cells.js";
import { quote } from "../refusal.js";
import { isEventTime } from "../frames/event-times.js";
import { TimeZone } from "./time-zone.js";

/** Date, perhaps time, perhaps fraction, perhaps offset. No part of it can match a text in two ways. */
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?: ?([Zz]|UTC|[+-]\d\d(?::?\d\d)?))?)?$/;
const MINUTE_MS = 60_000;
/** Numbers below are seconds since 1970, until the year 5138; others are ms, from March 1973 on. */
const LEAST_MS = 1e11;
/** In ms beyond the year 5138; these are µs or ns. */
const LEAST_MICROSECONDS = 1e14;
/** A date without hyphens, such as 20110131, would be a second of 1970. */
const BARE_DATE = /^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])$/;
const EXAMPLES = "2025-10-09T08:53:20Z, or 2025-10-09 08:53 in TIME_ZONE, or seconds or ms since 1970";

/**
 * Reads event times that are written as text:
 *
 * - RFC 3339 with any offset: `2025-10-09T08:53:20+02:00`, also without seconds, or with a blank instead of the T;
 * - a date, or date and time, of a time zone: `2025-10-09`, `2025-10-09 08:53`, `2025-10-09 08:53:20.123`;
 * - numbers below 100,000,000,000 in either direction are seconds since 1970, perhaps with a fraction; others are ms.
 *
 * What is finer than a millisecond is cut. The 60th second of a minute, a leap second, is the first of the next.
 */
export class EventTimeText {
  readonly #zone: TimeZone;

  /** @param timeZone - of times without an offset; a name of the IANA database. @throws RangeError if there is no such zone. */
  constructor(timeZone: string) {
    this.#zone = new TimeZone(timeZone);
  }

  /** @returns whole ms since 1970; undefined if the text is no time: `eventTimeProblem` says why. */
  read(text: string): number | undefined {
    const trimmed = text.trim();
    const parts = DATE_TIME.exec(trimmed);
    const time = parts === null ? epochTime(trimmed) : this.#timeOf(parts);
    return isEventTime(time) ? time : undefined;
  }

  #timeOf(parts: RegExpExecArray): number | undefined {
    const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", offset] = parts;
    const midnight = midnightOf(Number(year), Number(month), Number(day));
    if (midnight === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
    const local =
      midnight + (Number(hour) * 60 + Number(minute)) * MINUTE_MS + Number(second) * 1_000 + Number(fraction.slice(0, 3).padEnd(3, "0"));
    if (offset === undefined) return this.#zone.instantOf(local);
    const ahead = offsetOf(offset);
    return ahead === undefined ? undefined : local - ahead;
  }
}

/** Why a text is no event time, and what to write. */
export function eventTimeProblem(text: string): string {
  const trimmed = text.trim();
  if (isMissingNumber(trimmed) || trimmed === "NaT") return `the time is missing${trimmed === "" ? "" : `, got ${quote(text)}`}`;
  if (DATE_TIME.test(trimmed)) return `there is no such date or time, got ${quote(text)}`;
  const hint = BARE_DATE.test(trimmed)
    ? `${trimmed.slice(0, 4)}-${trimmed.slice(4, 6)}-${trimmed.slice(6)}`
    : numberOf(trimmed) === undefined
      ? EXAMPLES
      : "seconds or ms since 1970";
  return `not a time, got ${quote(text)}: write ${hint}`;
}

function epochTime(text: string): number | undefined {
  const value = BARE_DATE.test(text) ? undefined : numberOf(text);
  if (value === undefined || Math.abs(value) >= LEAST_MICROSECONDS) return undefined;
  if (Math.abs(value) >= LEAST_MS) return Math.floor(value);
  // A double holds a second of today to a quarter of a µs: rounding to µs first keeps .123 from becoming .122.
  return Math.floor(Math.round(value * 1e6) / 1e3);
}

/** ms since 1970 at the beginning of a day in UTC; undefined if the calendar has no such day. */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

/** ms that an offset is ahead of UTC. */
function offsetOf(text: string): number | undefined {
  if (/^(z|utc)$/i.test(text)) return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(":", ""))];
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}
