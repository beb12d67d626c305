/** Cells for the ids of one side. With a million ids pending, one in five other ids is looked up in vain. */
const CELLS = 1 << 22;
/** Cells that are allocated together, when the first one is used. */
const PAGE = 1 << 12;
/** A cell that was once full is never emptied, because its count is lost. */
const FULL = 255;

/** A counting Bloom filter with one hash, of at most 4 MiB. It spares most look-ups of ids that are not in the store. */
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

  /** False only if no id with this hash is in the set. */
  mayHold(hash: number): boolean {
    return (this.#pages[pageOf(hash)]?.[hash % PAGE] ?? 0) !== 0;
  }
}

function pageOf(hash: number): number {
  return Math.floor(hash / PAGE) % (CELLS / PAGE);
}
