const FIRST_SLOTS = 1 << 10;

/** Counts of pairs of whole numbers, kept in flat columns: a hash table of millions of additions. */
export class CellCounts {
  #columns = new Int32Array(FIRST_SLOTS);
  #rows = new Int32Array(FIRST_SLOTS);
  /** 0 for an empty slot. Doubles count exactly to 2^53. */
  #counts = new Float64Array(FIRST_SLOTS);
  #size = 0;

  /** How many pairs have a count. */
  get size(): number {
    return this.#size;
  }

  /** @param count - above zero. */
  add(column: number, row: number, count: number): void {
    const mask = this.#counts.length - 1;
    let hash = Math.imul(column, 0x9e3779b1) ^ Math.imul(row, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const there = this.#counts[slot] ?? 0;
      if (there === 0) return this.#insert(slot, column, row, count);
      if (this.#columns[slot] === column && this.#rows[slot] === row) {
        this.#counts[slot] = there + count;
        return;
      }
    }
  }

  #insert(slot: number, column: number, row: number, count: number): void {
    this.#columns[slot] = column;
    this.#rows[slot] = row;
    this.#counts[slot] = count;
    this.#size += 1;
    if (2 * this.#size > this.#counts.length) this.#grow();
  }

  #grow(): void {
    const [columns, rows, counts] = [this.#columns, this.#rows, this.#counts];
    const slots = 2 * counts.length;
    this.#columns = new Int32Array(slots);
    this.#rows = new Int32Array(slots);
    this.#counts = new Float64Array(slots);
    this.#size = 0;
    for (let slot = 0; slot < counts.length; slot += 1) {
      const count = counts[slot] ?? 0;
      if (count > 0) this.add(columns[slot] ?? 0, rows[slot] ?? 0, count);
    }
  }

  /** Calls back with each pair that has a count, in no order. */
  forEach(onPair: (column: number, row: number, count: number) => void): void {
    for (let slot = 0; slot < this.#counts.length; slot += 1) {
      const count = this.#counts[slot] ?? 0;
      if (count > 0) onPair(this.#columns[slot] ?? 0, this.#rows[slot] ?? 0, count);
    }
  }

  /** The same counts with two neighbouring numbers as one, in both directions. */
  halved(): CellCounts {
    const halved = new CellCounts();
    this.forEach((column, row, count) => halved.add(column >> 1, row >> 1, count));
    return halved;
  }
}
