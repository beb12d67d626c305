/**
 * The index of the log's ids: open-addressing tables from the hashes of an id to the offset of its line. The log itself is the
 * record; the index is rebuilt from it at every start.
 *
 * It has two generations of 10 million ids each. When the younger is full, the older is dropped. So it knows the last 10 to 20
 * million ids, in 128 to 256 MiB, for a log of any length.
 */
export class LoggedIndex {
  readonly #capacity: number;
  readonly #slots: number;
  #younger: OffsetTable;
  #older: OffsetTable | undefined;

  /** @param base - the offset from which lines are added. @param capacity - ids in one generation. */
  constructor(base: number, capacity: number = GENERATION_IDS) {
    this.#capacity = capacity;
    this.#slots = slotsFor(capacity);
    this.#younger = new OffsetTable(base, this.#slots);
  }

  /** Whether a line at this offset must start a new generation. */
  isFullFor(offset: number): boolean {
    return this.#younger.count >= this.#capacity || offset >= this.#younger.end;
  }

  /** Starts a new generation at this offset of the log and drops the older one. */
  roll(base: number): void {
    const recycled = this.#older;
    this.#older = this.#younger;
    recycled?.clear(base);
    this.#younger = recycled ?? new OffsetTable(base, this.#slots);
  }

  /**
   * The offset of the line of an id, or -1.
   *
   * @param isIt - whether the line at an offset has this id; called only if the hashes match.
   */
  find(low: number, high: number, isIt: (offset: number) => boolean): number {
    const found = this.#younger.find(low, high, isIt);
    return found >= 0 || this.#older === undefined ? found : this.#older.find(low, high, isIt);
  }

  /**
   * Loads the slots of many ids into the processor's cache before they are looked up one by one. The table is far larger than
   * the cache, and overlapping misses cost a fraction of consecutive ones.
   *
   * @param low - shape [n]. @returns a meaningless number, which keeps the compiler from dropping the reads.
   */
  warm(low: Uint32Array): number {
    return this.#younger.warm(low) ^ (this.#older?.warm(low) ?? 0);
  }

  /** Adds the line of an id that is not in the index. Offsets must increase. */
  add(low: number, high: number, offset: number): void {
    this.#younger.add(low, high, offset);
  }
}

/** Ids in one generation: at least so many are known. */
export const GENERATION_IDS = 10_000_000;
/** The share of used slots up to which linear probing stays short. */
const MAX_LOAD = 0.625;

/** A generation of a whole log takes half a GiB. */
const MOST_OF_WHOLE = 2 ** 26 * MAX_LOAD;

/** Knows all ids of a log, however many and however long it is: as many generations as that takes, none of which is dropped. */
export class WholeLogIndex {
  readonly #capacity: number;
  readonly #generations: OffsetTable[];

  /** @param base - the offset from which lines are added. @param lines - as many as there will be, about. */
  constructor(base: number, lines: number) {
    this.#capacity = Math.max(1_000, Math.min(lines, MOST_OF_WHOLE));
    this.#generations = [new OffsetTable(base, slotsFor(this.#capacity))];
  }

  /** See `LoggedIndex.find`. */
  find(low: number, high: number, isIt: (offset: number) => boolean): number {
    for (const generation of this.#generations) {
      const found = generation.find(low, high, isIt);
      if (found >= 0) return found;
    }
    return -1;
  }

  /** Adds the line of an id that is not in the index. Offsets must increase. */
  add(low: number, high: number, offset: number): void {
    let last = this.#generations.at(-1);
    if (last === undefined || last.count >= this.#capacity || offset >= last.end) {
      last = new OffsetTable(offset, slotsFor(this.#capacity));
      this.#generations.push(last);
    }
    last.add(low, high, offset);
  }
}

function slotsFor(ids: number): number {
  return 2 ** Math.ceil(Math.log2(ids / MAX_LOAD));
}

/** The offsets of the lines of one generation, by the hashes of their ids. */
class OffsetTable {
  /** Pairs of a tag (0: free) and the offset from `#base`. Untouched pages take no memory. */
  readonly #table: Uint32Array;
  readonly #mask: number;
  #base: number;
  count = 0;

  constructor(base: number, slots: number) {
    this.#base = base;
    this.#table = new Uint32Array(slots * 2);
    this.#mask = slots - 1;
  }

  clear(base: number): void {
    this.#table.fill(0);
    this.#base = base;
    this.count = 0;
  }

  find(low: number, high: number, isIt: (offset: number) => boolean): number {
    const tag = high === 0 ? 1 : high;
    for (let slot = low & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const there = this.#table[slot * 2];
      if (there === 0) return -1;
      if (there !== tag) continue;
      const offset = this.#base + (this.#table[slot * 2 + 1] ?? 0);
      if (isIt(offset)) return offset;
    }
  }

  warm(low: Uint32Array): number {
    const table = this.#table;
    const mask = this.#mask;
    let mixed = 0;
    for (let i = 0; i < low.length; i += 1) mixed ^= table[((low[i] ?? 0) & mask) * 2] ?? 0;
    return mixed;
  }

  add(low: number, high: number, offset: number): void {
    const tag = high === 0 ? 1 : high;
    let slot = low & this.#mask;
    while (this.#table[slot * 2] !== 0) slot = (slot + 1) & this.#mask;
    this.#table[slot * 2] = tag;
    this.#table[slot * 2 + 1] = offset - this.#base;
    this.count += 1;
  }

  /** The first offset that does not fit into 32 bits. */
  get end(): number {
    return this.#base + 2 ** 32;
  }
}
