/** The length of a pass over a dataset, by the times of its rows. */
export class TimeExtent {
  #least = Infinity;
  #greatest = -Infinity;
  #last: number | undefined;
  #step = Infinity;

  /** @param times - of the next rows, in ms since 1970. */
  note(times: Float64Array): void {
    for (const time of times) {
      if (time < this.#least) this.#least = time;
      if (time > this.#greatest) this.#greatest = time;
      const step = Math.abs(time - (this.#last ?? time));
      if (step > 0 && step < this.#step) this.#step = step;
      this.#last = time;
    }
  }

  /** The latest time, in ms since 1970. */
  get greatest(): number {
    return this.#greatest;
  }

  /**
   * From the earliest time to the latest, and the least step between two neighbours more, in ms: a second pass that is later by so much goes
   * on where the first ended. 0 if all rows have the same time.
   */
  get length(): number {
    return this.#step === Infinity ? 0 : this.#greatest - this.#least + this.#step;
  }
}
