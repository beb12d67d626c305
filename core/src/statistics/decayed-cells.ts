import Type, { type Static } from "typebox";
import { SavedDouble } from "../runtime/saved-value.js";
import { CELLS_OF_DECADE, INFINITE_CELL, upperEdge, ZERO_CELL, type CellEntries } from "./cell-counts.js";

/** Above this weight of a new value all are divided by it. */
const LARGEST_UNIT = 1e100;
/** A cell with less than this share of the weight is forgotten: twenty half-lives. */
const FORGOTTEN = 1e-6;
/** Then a decade has nothing that matters to the last digit. */
const NEGLIGIBLE = 1e-20;

/** Decayed cells as they are kept; each weight to the last bit. */
export const SavedDecayedCellsSchema = Type.Object({
  unit: SavedDouble,
  zeros: SavedDouble,
  infinite: SavedDouble,
  /** Of each decade, ascending: the number of its first cell with a weight, and the weights from there on, as base64 of doubles. */
  decades: Type.Array(
    Type.Object({
      decade: Type.Integer({ minimum: -400, maximum: 400 }),
      first: Type.Integer({ minimum: 0, maximum: CELLS_OF_DECADE - 1 }),
      weights: Type.String({ pattern: "^[A-Za-z0-9+/]*={0,2}$" }),
    }),
  ),
});
export interface SavedDecayedCells extends Omit<Static<typeof SavedDecayedCellsSchema>, "unit" | "zeros" | "infinite"> {
  readonly unit: number;
  readonly zeros: number;
  readonly infinite: number;
}

/** The weights of a decade. */
class Decade {
  readonly decade: number;
  readonly weights = new Float64Array(CELLS_OF_DECADE);
  /** The sum of the weights; NaN if it has to be worked out anew: it follows from them, not from the order in which they came. */
  #sum = Number.NaN;

  constructor(decade: number) {
    this.decade = decade;
  }

  add(at: number, weight: number): void {
    this.weights[at] = (this.weights[at] ?? 0) + weight;
    this.#sum = Number.NaN;
  }

  divide(divisor: number): void {
    for (let at = 0; at < CELLS_OF_DECADE; at += 1) this.weights[at] = (this.weights[at] ?? 0) / divisor;
    this.#sum = Number.NaN;
  }

  get sum(): number {
    if (Number.isNaN(this.#sum)) this.#sum = sumOf(this.weights, 0, CELLS_OF_DECADE);
    return this.#sum;
  }
}

/**
 * Values that are not negative, in decimal cells of three digits (see `DecimalCells`), of which older ones weigh less. New values weigh more and more in
 * place of old ones less and less (forward decay; Cormode and others 2009): so the weights follow from the values and their order to the last bit.
 */
export class DecayedCells {
  /** Ascending. */
  #decades: Decade[] = [];
  #zeros = 0;
  #infinite = 0;
  /** What a new value weighs. */
  #unit = 1;

  /** Adds values, all of the same age. @param factor - by which all values before them weigh less, from 0 to 1. */
  add(values: readonly CellEntries[], factor: number): void {
    this.#unit /= factor;
    if (this.#unit > LARGEST_UNIT) this.#normalise();
    for (const { cells, counts } of values) for (const [i, cell] of cells.entries()) this.#addTo(cell, (counts[i] ?? 0) * this.#unit);
  }

  #addTo(cell: number, weight: number): void {
    if (cell === ZERO_CELL) this.#zeros += weight;
    else if (cell === INFINITE_CELL) this.#infinite += weight;
    else {
      const decade = Math.floor(cell / CELLS_OF_DECADE);
      this.#at(decade).add(cell - decade * CELLS_OF_DECADE, weight);
    }
  }

  #at(decade: number): Decade {
    const found = this.#decades.find((each) => each.decade === decade);
    if (found !== undefined) return found;
    const added = new Decade(decade);
    this.#decades = [...this.#decades, added].toSorted((one, other) => one.decade - other.decade);
    return added;
  }

  #normalise(): void {
    const unit = this.#unit;
    this.#unit = 1;
    this.#zeros /= unit;
    this.#infinite /= unit;
    for (const decade of this.#decades) decade.divide(unit);
    this.#decades = this.#decades.filter(({ weights }) => weights.some((weight) => weight > NEGLIGIBLE));
  }

  #total(): number {
    let total = this.#zeros;
    for (const { sum } of this.#decades) total += sum;
    return total + this.#infinite;
  }

  /** The share of the weight that is in each cell or above it. @param cells - ascending. @returns shape [cells]; NaN if there are no values. */
  sharesFrom(cells: readonly number[]): Float64Array {
    const total = this.#total();
    const shares = new Float64Array(cells.length);
    let [next, below] = [0, 0];
    const take = (cell: number) => {
      for (; (cells[next] ?? Number.NaN) <= cell; next += 1) shares[next] = 1 - below / total;
    };
    take(ZERO_CELL);
    below = this.#zeros;
    for (const { decade, weights, sum } of this.#decades) {
      const from = decade * CELLS_OF_DECADE;
      // Cells between two decades.
      take(from);
      let [at, within] = [0, 0];
      for (let cell = cells[next]; cell !== undefined && cell < from + CELLS_OF_DECADE; cell = cells[next]) {
        within += sumOf(weights, at, cell - from);
        at = cell - from;
        shares[next] = 1 - (below + within) / total;
        next += 1;
      }
      below += sum;
    }
    take(INFINITE_CELL);
    return shares;
  }

  /**
   * The smallest value, to within a cell, that at least this share of the weight does not exceed.
   *
   * @param share - 1 and more: the largest value that is not forgotten. 0 and less: the smallest value.
   * @returns the upper edge of its cell; NaN of no values, Infinity if it is beyond the largest double.
   */
  quantile(share: number): number {
    const total = this.#total();
    if (total === 0) return Number.NaN;
    const needed = share >= 1 ? total * (1 - FORGOTTEN) : share * total;
    if (this.#zeros > 0 && this.#zeros >= needed) return 0;
    let below = this.#zeros;
    for (const { decade, weights, sum } of this.#decades) {
      let within = 0;
      for (let at = 0; below + sum >= needed && at < CELLS_OF_DECADE; at += 1) {
        const weight = weights[at] ?? 0;
        if (weight === 0) continue;
        within += weight;
        if (below + within >= needed) return upperEdge(decade * CELLS_OF_DECADE + at);
      }
      below += sum;
    }
    return this.#infinite > 0 ? Infinity : this.#largest();
  }

  /** The upper edge of the largest finite cell: rounding may leave it a little below what is needed. */
  #largest(): number {
    for (const { decade, weights } of this.#decades.toReversed()) {
      const at = weights.findLastIndex((weight) => weight > 0);
      if (at >= 0) return upperEdge(decade * CELLS_OF_DECADE + at);
    }
    return 0;
  }

  save(): SavedDecayedCells {
    const decades = this.#decades.map(({ decade, weights }) => {
      const first = Math.max(
        0,
        weights.findIndex((weight) => weight > 0),
      );
      const kept = weights.subarray(first, weights.findLastIndex((weight) => weight > 0) + 1);
      return { decade, first, weights: Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength).toString("base64") };
    });
    return { unit: this.#unit, zeros: this.#zeros, infinite: this.#infinite, decades };
  }

  /** Becomes what `save` returned, to the last bit. */
  restore({ unit, zeros, infinite, decades }: SavedDecayedCells): void {
    this.#unit = unit;
    this.#zeros = zeros;
    this.#infinite = infinite;
    this.#decades = decades.map(({ decade, first, weights }) => {
      const restored = new Decade(decade);
      Buffer.from(weights, "base64").copy(Buffer.from(restored.weights.buffer), 8 * first);
      return restored;
    });
  }
}

function sumOf(weights: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += weights[at] ?? 0;
  return sum;
}
