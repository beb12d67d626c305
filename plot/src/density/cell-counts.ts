const FIRST_SLOTS = 1 << 10;
const SLOT_BYTES = 16;

/**
 * Counts of pairs of whole numbers: a hash table of millions of additions. A slot has both numbers (int32) and the count (double, exact to
 * 2^53) side by side, so that an addition touches one line of the processor's cache.
 */
export class CellCounts {
  #pairs = new Int32Array(0);
  /** 0 for an empty slot. */
  #counts = new Float64Array(0);
  #slots = 0;
  #size = 0;

  constructor() {
    this.#allocate(FIRST_SLOTS);
  }

  #allocate(slots: number): void {
    const memory = new ArrayBuffer(slots * SLOT_BYTES);
    this.#pairs = new Int32Array(memory);
    this.#counts = new Float64Array(memory);
    this.#slots = slots;
    this.#size = 0;
  }

  /** How many pairs have a count. */
  get size(): number {
    return this.#size;
  }

  /** @param count - above zero. */
  add(column: number, row: number, count: number): void {
    const pairs = this.#pairs;
    const counts = this.#counts;
    const mask = this.#slots - 1;
    let hash = Math.imul(column, 0x9e3779b1) ^ Math.imul(row, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const there = counts[2 * slot + 1] ?? 0;
      const isFree = there === 0;
      if (!isFree && (pairs[4 * slot] !== column || pairs[4 * slot + 1] !== row)) continue;
      counts[2 * slot + 1] = there + count;
      if (isFree) this.#insert(slot, column, row);
      return;
    }
  }

  #insert(slot: number, column: number, row: number): void {
    this.#pairs[4 * slot] = column;
    this.#pairs[4 * slot + 1] = row;
    this.#size += 1;
    if (2 * this.#size > this.#slots) this.#grow();
  }

  #grow(): void {
    const [pairs, counts, slots] = [this.#pairs, this.#counts, this.#slots];
    this.#allocate(2 * slots);
    for (let slot = 0; slot < slots; slot += 1) {
      const count = counts[2 * slot + 1] ?? 0;
      if (count > 0) this.add(pairs[4 * slot] ?? 0, pairs[4 * slot + 1] ?? 0, count);
    }
  }

  /** Calls back with each pair that has a count, in no order. */
  forEach(onPair: (column: number, row: number, count: number) => void): void {
    for (let slot = 0; slot < this.#slots; slot += 1) {
      const count = this.#counts[2 * slot + 1] ?? 0;
      if (count > 0) onPair(this.#pairs[4 * slot] ?? 0, this.#pairs[4 * slot + 1] ?? 0, count);
    }
  }

  /** The same counts with two neighbouring numbers as one, in both directions. */
  halved(): CellCounts {
    const halved = new CellCounts();
    this.forEach((column, row, count) => halved.add(column >> 1, row >> 1, count));
    return halved;
  }
}
