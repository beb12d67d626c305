const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Since 1973 every zone changes its clocks at a quarter of an hour and by whole quarters: within one the offset stays. */
const QUARTER_MS = 15 * MINUTE_MS;
/** Offsets that are remembered: a year of quarters, and some. */
const MOST_KNOWN = 50_000;

/** Whether this is a time zone of the IANA database, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name) !== undefined;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const digits = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const;
  return new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    era: "short",
    ...digits,
  });
}

/**
 * Turns local times of a zone into instants, with daylight saving time.
 *
 * A time that comes twice, when clocks are set back, is the first of the two. A time that never comes, when they are set forward, is read as
 * if they had not been set yet: 02:30 is 03:30. So do java.time, and Temporal by default.
 */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat | undefined;
  /** Quarter of local time → ms to take off. */
  readonly #known = new Map<number, number>();

  /** @throws RangeError if there is no such zone. */
  constructor(name: string) {
    this.#format = name === "UTC" ? undefined : formatOf(name);
  }

  /** @param local - the local time, in ms as if it were UTC. @returns ms since 1970. */
  instantOf(local: number): number {
    if (this.#format === undefined) return local;
    const quarter = Math.floor(local / QUARTER_MS);
    let offset = this.#known.get(quarter);
    if (offset === undefined) {
      offset = this.#offsetOf(quarter * QUARTER_MS);
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(quarter, offset);
    }
    return local - offset;
  }

  /** The offset that a local time has; of two the one before the clocks are set, and so if there is none. */
  #offsetOf(local: number): number {
    const before = this.#offsetAt(local - DAY_MS);
    if (this.#offsetAt(local - before) === before) return before;
    const after = this.#offsetAt(local + DAY_MS);
    return this.#offsetAt(local - after) === after ? after : before;
  }

  /** ms that local time is ahead of UTC. @param instant - ms since 1970. */
  #offsetAt(instant: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format?.formatToParts(instant) ?? []) parts[type] = value;
    const year = parts["era"] === "BC" ? 1 - Number(parts["year"]) : Number(parts["year"]);
    const date = new Date(Math.floor(instant / 1_000) * 1_000);
    date.setUTCFullYear(year, Number(parts["month"]) - 1, Number(parts["day"]));
    date.setUTCHours(Number(parts["hour"]), Number(parts["minute"]), Number(parts["second"]), 0);
    return date.getTime() - Math.floor(instant / 1_000) * 1_000;
  }
}
