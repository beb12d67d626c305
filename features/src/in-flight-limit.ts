/** Limits the frames, and the rows in them, that are in flight at once. */
export class InFlightLimit {
  readonly #maxFrames: number;
  readonly #maxRows: number;
  #frames = 0;
  #rows = 0;
  #waiters: (() => void)[] = [];

  constructor(maxFrames: number, maxRows: number) {
    this.#maxFrames = maxFrames;
    this.#maxRows = maxRows;
  }

  /** Rows in flight. */
  get rows(): number {
    return this.#rows;
  }

  /** Counts a frame as in flight until `leave` is called with the same rows. */
  enter(rows: number): void {
    this.#frames += 1;
    this.#rows += rows;
  }

  leave(rows: number): void {
    this.#frames -= 1;
    this.#rows -= rows;
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** Whether one more frame may enter. One frame always may, however large. */
  get hasRoom(): boolean {
    return this.#frames === 0 || (this.#frames < this.#maxFrames && this.#rows < this.#maxRows);
  }

  /** Resolves when there is room for one more frame, or the signal is aborted. */
  async room(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.hasRoom) await this.#change(signal);
  }

  /** Resolves when nothing is in flight, or the signal is aborted. */
  async empty(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#frames > 0) await this.#change(signal);
  }

  async #change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      signal.addEventListener("abort", done);
      this.#waiters.push(done);
    });
  }
}
