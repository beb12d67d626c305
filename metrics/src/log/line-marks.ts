/** Lines from one mark to the next. A power of two. */
const EVERY = 128;

/** Where every 128th line of the log begins, so that the number of a line is found by its offset. */
export class LineMarks {
  /** The line of the first mark, counted from 0. */
  #first: number;
  #offsets = new Float64Array(64);
  #count = 0;

  /** @param first - the first line that is added, counted from 0. */
  constructor(first: number) {
    this.#first = first;
  }

  /** Notes where a line begins. Lines are added one after another. */
  add(line: number, offset: number): void {
    if ((line - this.#first) % EVERY !== 0) return;
    if (this.#count === this.#offsets.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    this.#offsets[this.#count] = offset;
    this.#count += 1;
  }

  /** The last mark at this offset or before it; undefined if there is none. */
  before(offset: number): { readonly line: number; readonly offset: number } | undefined {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#offsets[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : { line: this.#first + EVERY * (low - 1), offset: this.#offsets[low - 1] ?? 0 };
  }

  /** The last mark at this line or before it; undefined if there is none. */
  beforeLine(line: number): { readonly line: number; readonly offset: number } | undefined {
    const mark = Math.min(this.#count - 1, Math.floor((line - this.#first) / EVERY));
    return mark < 0 ? undefined : { line: this.#first + EVERY * mark, offset: this.#offsets[mark] ?? 0 };
  }

  /** Forgets the marks before a line, but for the last of them. */
  dropBefore(line: number): void {
    const dropped = Math.min(this.#count - 1, Math.floor((line - this.#first) / EVERY));
    if (dropped <= 0) return;
    this.#offsets.copyWithin(0, dropped, this.#count);
    this.#count -= dropped;
    this.#first += EVERY * dropped;
  }
}
