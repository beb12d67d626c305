/** A sum as it is kept: its value, and what rounding has lost of it. */
export type SavedSum = readonly [sum: number, lost: number];

/**
 * A few sums of doubles that keep what rounding loses (Neumaier 1974), so that millions of terms cost no digits. Equal terms in equal
 * order give equal bits.
 */
export class CompensatedSums {
  /** Of each sum its value and what it lost, side by side. */
  readonly #parts: Float64Array;

  /** @param count - how many sums. */
  constructor(count: number) {
    this.#parts = new Float64Array(2 * count);
  }

  add(index: number, term: number): void {
    const parts = this.#parts;
    const sum = parts[2 * index] ?? 0;
    const total = sum + term;
    parts[2 * index] = total;
    // What a sum beyond the largest double has lost is no number.
    if (!Number.isFinite(total)) return;
    const lost = Math.abs(sum) >= Math.abs(term) ? sum - total + term : term - total + sum;
    parts[2 * index + 1] = (parts[2 * index + 1] ?? 0) + lost;
  }

  /** The sum; Infinity or NaN if it is beyond the largest double. */
  at(index: number): number {
    const sum = this.#parts[2 * index] ?? 0;
    return Number.isFinite(sum) ? sum + (this.#parts[2 * index + 1] ?? 0) : sum;
  }

  /** What rounding has lost of a sum so far. */
  lost(index: number): number {
    return this.#parts[2 * index + 1] ?? 0;
  }

  /** Makes a sum NaN for good. */
  drop(index: number): void {
    this.#parts[2 * index] = Number.NaN;
  }

  save(): SavedSum[] {
    return Array.from({ length: this.#parts.length / 2 }, (_, i) => [this.#parts[2 * i] ?? 0, this.#parts[2 * i + 1] ?? 0]);
  }

  /** Adds what `save` returned. To empty sums it restores them bit for bit. */
  merge(saved: readonly SavedSum[]): void {
    for (const [index, [sum, lost]] of saved.entries()) {
      this.add(index, sum);
      this.#parts[2 * index + 1] = (this.#parts[2 * index + 1] ?? 0) + lost;
    }
  }
}
