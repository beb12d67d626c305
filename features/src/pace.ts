/** The most lag that the source makes up for: a stall must not end in a burst. */
const MOST_BEHIND_MS = 1_000;

/** When rows are due at the pace of their event times, or so many times faster. Time is passed in, in ms. */
export class TimePace {
  readonly #speed: number;
  #latest: number | undefined;
  #due: number;

  /** @param speed - ms of event time in a ms. */
  constructor(speed: number, now: number) {
    this.#speed = speed;
    this.#due = now;
  }

  /**
   * Counts rows as sent, and returns how many ms to wait before they leave: until the latest of them is due. The first rows are due at once, and
   * so are rows that are no later than those before them.
   *
   * @param times - when they happened, in ms since 1970.
   */
  take(times: Float64Array, now: number): number {
    const latest = times.reduce((most, time) => Math.max(most, time), this.#latest ?? -Infinity);
    const ahead = latest - (this.#latest ?? latest);
    this.#latest = latest;
    this.#due = Math.max(this.#due + ahead / this.#speed, now - MOST_BEHIND_MS);
    return Math.max(0, this.#due - now);
  }
}

/** When rows are due at an even pace. Time is passed in, in ms. */
export class Pace {
  readonly #msPerRow: number;
  #due: number;

  /** @param rowsPerSecond - 0 = everything is due at once. */
  constructor(rowsPerSecond: number, now: number) {
    this.#msPerRow = rowsPerSecond === 0 ? 0 : 1000 / rowsPerSecond;
    this.#due = now;
  }

  /** Counts `rows` as sent, and returns how many ms to wait before they leave. */
  take(rows: number, now: number): number {
    if (this.#msPerRow === 0) return 0;
    this.#due = Math.max(this.#due, now - MOST_BEHIND_MS) + rows * this.#msPerRow;
    return Math.max(0, this.#due - now);
  }
}
