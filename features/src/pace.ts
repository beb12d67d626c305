/** The most lag that the source makes up for: a stall must not end in a burst. */
const MOST_BEHIND_MS = 1_000;

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
