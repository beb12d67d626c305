/** Ends a frame before the times of its rows lie too far apart. A row that is earlier than those before it counts as late as they. */
export class FrameSpan {
  readonly #spanMs: number;
  #first: number | undefined;
  #latest = -Infinity;

  /** @param spanMs - from the first to the last row of a frame, at most. */
  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /**
   * How many of the next rows fit into the frame that is being filled; at least one if it is empty. They count as in it.
   *
   * @param times - of the next rows, in ms, `shift` less.
   */
  take(times: Float64Array, shift: number): number {
    for (let row = 0; row < times.length; row += 1) {
      const latest = Math.max(this.#latest, (times[row] ?? 0) + shift);
      this.#first ??= latest;
      if (latest - this.#first > this.#spanMs) return row;
      this.#latest = latest;
    }
    return times.length;
  }

  /** The next row is the first of a new frame. */
  begin(): void {
    this.#first = undefined;
  }
}
