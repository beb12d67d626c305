/** The leading bits of a double that name its cell: its sign (always 0), its exponent (11) and 8 of its fraction. */
const SHIFT = 12;
/** Cells for every non-negative double. */
const CELLS = 2 ** (31 - SHIFT);

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Quantiles of non-negative numbers in 4 MiB, however many there are. A number is counted in a cell whose bounds are
 * 2⁻⁸ apart, relatively, so a quantile is off by at most 0.2 % of its value (it lies within the cell, whose middle is
 * given), against the value of that rank. The cells are those of a histogram in the logarithm of the value, as in
 * DDSketch (Masson, Rim, Lee 2019), with the exponent of the double as the logarithm.
 */
export class QuantileSketch {
  readonly #counts = new Float64Array(CELLS);
  #count = 0;

  /** @param values - shape [n], finite and ≥ 0. */
  add(values: Float64Array): void {
    for (let i = 0; i < values.length; i += 1) {
      double[0] = values[i] ?? 0;
      const cell = (words[HIGH] ?? 0) >>> SHIFT;
      this.#counts[cell] = (this.#counts[cell] ?? 0) + 1;
    }
    this.#count += values.length;
  }

  /**
   * The values below which these shares of the numbers lie; NaN of no numbers.
   *
   * @param shares - shape [n], ascending, from 0 to 1. The rank of each is rounded.
   */
  quantiles(shares: readonly number[]): number[] {
    const ranks = shares.map((share) => Math.round(share * (this.#count - 1)));
    const values = shares.map(() => Number.NaN);
    if (this.#count === 0) return values;
    let seen = 0;
    let next = 0;
    for (let cell = 0; cell < CELLS && next < ranks.length; cell += 1) {
      seen += this.#counts[cell] ?? 0;
      for (; seen > (ranks[next] ?? Infinity); next += 1) values[next] = middle(cell);
    }
    return values;
  }

  /** Its cells that are not empty, flat: cell, count, cell, count… */
  save(): number[] {
    const cells: number[] = [];
    for (let cell = 0; cell < CELLS; cell += 1) {
      const count = this.#counts[cell] ?? 0;
      if (count > 0) cells.push(cell, count);
    }
    return cells;
  }

  /** Adds what `save` returned. */
  restore(cells: readonly number[]): void {
    for (let i = 0; i + 1 < cells.length; i += 2) {
      const count = cells[i + 1] ?? 0;
      const cell = cells[i] ?? 0;
      this.#counts[cell] = (this.#counts[cell] ?? 0) + count;
      this.#count += count;
    }
  }
}

/** What stands for the numbers of a cell. The first holds zero, and what is too small to tell from it. */
function middle(cell: number): number {
  return cell === 0 ? 0 : edge(cell) / 2 + edge(cell + 1) / 2;
}

/** The lower bound of a cell. */
function edge(cell: number): number {
  words[HIGH] = (cell << SHIFT) >>> 0;
  words[1 - HIGH] = 0;
  return double[0] ?? 0;
}
