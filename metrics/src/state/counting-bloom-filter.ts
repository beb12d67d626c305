/** Cells for the ids of one side; with a million ids waiting, one in five other ids is looked up in vain. */
const CELLS = 1 << 22;
/** Cells that are allocated together, when the first of them is used. */
const PAGE = 1 << 12;
/** A cell that was once full is never emptied: it may only say "perhaps". */
const FULL = 255;

/** Says of most ids that they do not wait in the store, without a look there: a counting filter of at most 4 MiB with one hash. */
export class CountingBloomFilter {
  readonly #pages = Array.from<Uint8Array | undefined>({ length: CELLS / PAGE });

  add(hash: number): void {
    const page = (this.#pages[pageOf(hash)] ??= new Uint8Array(PAGE));
    const count = page[hash % PAGE] ?? 0;
    if (count < FULL) page[hash % PAGE] = count + 1;
  }

  remove(hash: number): void {
    const page = this.#pages[pageOf(hash)];
    const count = page?.[hash % PAGE] ?? 0;
    if (page !== undefined && count > 0 && count < FULL) page[hash % PAGE] = count - 1;
  }

  /** False only where no id with this hash was added. */
  mayHold(hash: number): boolean {
    return (this.#pages[pageOf(hash)]?.[hash % PAGE] ?? 0) !== 0;
  }
}

function pageOf(hash: number): number {
  return Math.floor(hash / PAGE) % (CELLS / PAGE);
}
