/** Cells for the ids of one side; with a million ids waiting, one in five other ids is looked up in vain. */
const CELLS = 1 << 22;
/** A cell that was once full is never emptied: it may only say "perhaps". */
const FULL = 255;

/** Says of most ids that they do not wait in the store, without a look there: a counting filter of 4 MiB with one hash. */
export class PendingFilter {
  readonly #counts = new Uint8Array(CELLS);

  add(hash: number): void {
    const cell = hash % CELLS;
    const count = this.#counts[cell] ?? 0;
    if (count < FULL) this.#counts[cell] = count + 1;
  }

  remove(hash: number): void {
    const cell = hash % CELLS;
    const count = this.#counts[cell] ?? 0;
    if (count > 0 && count < FULL) this.#counts[cell] = count - 1;
  }

  /** False only where no id with this hash was added. */
  mayHold(hash: number): boolean {
    return this.#counts[hash % CELLS] !== 0;
  }
}
