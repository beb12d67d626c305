import { writableTime } from "@streamgauge/core/windows";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [1, 2, 5, 10, 15, 30].map((n) => n * MINUTE);
const LONGER_STEPS = [...[1, 2, 3, 6, 12].map((n) => n * HOUR), ...[1, 2, 7, 14].map((n) => n * DAY)];
/** The longest is enough for all of time. */
const YEARS = [1, 10, 100, 1_000, 10_000, 100_000].flatMap((n) => [n, 2 * n, 5 * n]);
const MONTHS = [1, 2, 3, 6, ...YEARS.map((years) => 12 * years)];
const MOST_TICKS = 9;

const CLOCK = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
const MONTH = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", month: "short", year: "numeric" });
const FULL_DATE = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" });

/** A moment on an axis, ms since 1970. */
export interface TimeTick {
  readonly time: number;
  readonly text: string;
}

/** Plain moments in UTC from one time to another, at most nine: minutes, hours, days or months. */
export function timeTicks(from: number, end: number): TimeTick[] {
  const to = writableTime(end);
  const step = [...STEPS, ...LONGER_STEPS].find((candidate) => to - from <= MOST_TICKS * candidate);
  if (step === undefined) return monthTicks(from, to);
  const ticks: TimeTick[] = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) ticks.push({ time, text: textOf(time) });
  return ticks;
}

function textOf(time: number): string {
  return time % DAY === 0 ? DATE.format(time) : CLOCK.format(time);
}

function monthTicks(from: number, to: number): TimeTick[] {
  const begin = new Date(from);
  const step = MONTHS.find((months) => to - from <= MOST_TICKS * months * 30 * DAY) ?? Infinity;
  const first = Math.ceil((12 * begin.getUTCFullYear() + begin.getUTCMonth()) / step) * step;
  const ticks: TimeTick[] = [];
  for (let month = first; ; month += step) {
    // Date.UTC takes the years 0 to 99 for those of the last century.
    const time = new Date(0).setUTCFullYear(Math.floor(month / 12), month - 12 * Math.floor(month / 12), 1);
    // Beyond the end of time there is none.
    if (!(time <= to)) return ticks;
    if (time >= from) ticks.push({ time, text: MONTH.format(time) });
  }
}

/** The date of the times from one to another, or both dates. @param to - the first moment after them. */
export function datesText(from: number, to: number): string {
  const [first, last] = [FULL_DATE.format(from), FULL_DATE.format(writableTime(to - 1))];
  return first === last ? first : `${first} to ${last}`;
}
