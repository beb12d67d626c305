/** The leading bits of a double that name its cell: its sign (always 0), its exponent (11) and 8 of its fraction. */
const FRACTION_BITS = 8;
const SHIFT = 20 - FRACTION_BITS;
/** Cells of one exponent, allocated together when the first number of that size comes. */
const OCTAVE = 2 ** FRACTION_BITS;
const OCTAVES = 2 ** 11;
/** The cell of what is beyond the largest double: the exponent of infinity, and no fraction. */
const INFINITE = (OCTAVES - 1) * OCTAVE;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Quantiles of non-negative numbers in at most 4 MiB, however many there are: 2 KiB for each power of two that occurs. A
 * number is counted in a cell whose bounds are 2⁻⁸ apart, relatively, so a quantile is off by at most 0.2 % of its value
 * (it lies within the cell, whose middle is given), against the value of that rank; below 2⁻¹⁰²² there are fewer digits. The
 * cells are those of a histogram in the logarithm of the value, as in DDSketch (Masson, Rim, Lee 2019), with the exponent
 * of the double as the logarithm.
 */
export class QuantileSketch {
  readonly #octaves = Array.from<Float64Array | undefined>({ length: OCTAVES });
  #count = 0;

  /** @param values - shape [n], ≥ 0; Infinity is one. */
  add(values: Float64Array): void {
    for (let i = 0; i < values.length; i += 1) {
      double[0] = values[i] ?? 0;
      this.#addTo((words[HIGH] ?? 0) >>> SHIFT, 1);
    }
    this.#count += values.length;
  }

  #addTo(cell: number, count: number): void {
    const octave = (this.#octaves[cell >>> FRACTION_BITS] ??= new Float64Array(OCTAVE));
    const at = cell % OCTAVE;
    octave[at] = (octave[at] ?? 0) + count;
  }

  /** The cells that are not empty and their counts, in ascending order. */
  *#cells(): Generator<readonly [cell: number, count: number], void> {
    for (const [exponent, octave] of this.#octaves.entries()) {
      if (octave === undefined) continue;
      for (let at = 0; at < OCTAVE; at += 1) {
        const count = octave[at] ?? 0;
        if (count > 0) yield [exponent * OCTAVE + at, count];
      }
    }
  }

  /**
   * The values below which these shares of the numbers lie; NaN of no numbers.
   *
   * @param shares - shape [n], ascending, from 0 to 1. The rank of each is rounded.
   */
  quantiles(shares: readonly number[]): number[] {
    const ranks = shares.map((share) => Math.round(share * (this.#count - 1)));
    const values = shares.map(() => Number.NaN);
    let seen = 0;
    let next = 0;
    for (const [cell, count] of this.#cells()) {
      seen += count;
      for (; seen > (ranks[next] ?? Infinity); next += 1) values[next] = middle(cell);
    }
    return values;
  }

  /** Its cells that are not empty, flat: cell, count, cell, count… */
  save(): number[] {
    return [...this.#cells()].flat();
  }

  /** Adds what `save` returned. */
  restore(cells: readonly number[]): void {
    for (let i = 0; i + 1 < cells.length; i += 2) {
      const count = cells[i + 1] ?? 0;
      this.#addTo(cells[i] ?? 0, count);
      this.#count += count;
    }
  }
}

/** What stands for the numbers of a cell. The first holds zero, and what is too small to tell from it; the last infinity. */
function middle(cell: number): number {
  if (cell === 0 || cell === INFINITE) return edge(cell);
  return edge(cell) / 2 + Math.min(edge(cell + 1), Number.MAX_VALUE) / 2;
}

/** The lower bound of a cell. */
function edge(cell: number): number {
  words[HIGH] = (cell << SHIFT) >>> 0;
  words[1 - HIGH] = 0;
  return double[0] ?? 0;
}
