import { binsOf, type Bin } from "./bin-cells.js";
import type { BinGrid } from "./fit-bins.js";
import { DecimalCells, readRuns, SMALLEST_CELL_VALUE, type SavedRun } from "./decimal-cells.js";
import { decadeOf, wholeUnits } from "./decimal-number.js";

/** Digits of a cell: it is at most a hundredth of the values in it wide. */
const DIGITS = 3;
const FIRST_MANTISSA = 10 ** (DIGITS - 1);

/** Signed cells as they are kept. */
export interface SavedSignedCells {
  readonly zeros: number;
  /** Runs of the values below zero, by their size. */
  readonly negative: readonly SavedRun[];
  readonly positive: readonly SavedRun[];
  /** Values beyond the largest double: below zero, above it. */
  readonly infinite: readonly [negative: number, positive: number];
}

export const NO_SIGNED_CELLS: SavedSignedCells = { zeros: 0, negative: [], positive: [], infinite: [0, 0] };

/** A value and its cell, found once for all the sets that count it. Made once and set again for each of millions of values. */
export class SignedValue {
  value = 0;
  absolute = 0;
  /** Whether it has a cell: it is neither zero, nor infinite, nor NaN. */
  hasCell = false;
  decade = 0;
  cell = 0;

  set(value: number): void {
    const absolute = Math.abs(value);
    this.value = value;
    this.absolute = absolute;
    this.hasCell = absolute >= SMALLEST_CELL_VALUE && absolute < Infinity;
    if (!this.hasCell) return;
    this.decade = decadeOf(absolute);
    this.cell = wholeUnits(absolute, this.decade - (DIGITS - 1)) - FIRST_MANTISSA;
  }

  /** Whether another value is the same, or in the same cell. */
  isAlike(other: number): boolean {
    if (other === this.value) return true;
    found.set(other);
    if (found.absolute < SMALLEST_CELL_VALUE) return this.absolute < SMALLEST_CELL_VALUE;
    const isSameCell = found.hasCell && this.hasCell && found.decade === this.decade && found.cell === this.cell;
    return isSameCell && Math.sign(other) === Math.sign(this.value);
  }
}

const found = new SignedValue();

/** Counts of signed values in decimal cells of three digits (see `DecimalCells`), whose order does not matter. NaN counts as infinite. */
export class SignedCells {
  readonly #negative = new DecimalCells(DIGITS);
  readonly #positive = new DecimalCells(DIGITS);

  add({ value, absolute, hasCell, decade, cell }: SignedValue): void {
    const side = this.#sideOf(value);
    if (hasCell) side.addTo(decade, cell);
    else side.add(Number.isNaN(value) ? Infinity : absolute);
  }

  /** Adds the values of other cells. */
  addAll(other: SignedCells): void {
    this.#negative.addAll(other.#negative);
    this.#positive.addAll(other.#positive);
  }

  /** Takes all values out. */
  clear(): void {
    this.#negative.clear();
    this.#positive.clear();
  }

  /** Takes a value out that was added. */
  remove({ value, absolute, hasCell, decade, cell }: SignedValue): void {
    const side = this.#sideOf(value);
    if (hasCell) side.takeFrom(decade, cell);
    else side.take(Number.isNaN(value) ? Infinity : absolute);
  }

  /** Values that are too small for a cell are zeros, whatever their sign. */
  #sideOf(value: number): DecimalCells {
    return value <= -SMALLEST_CELL_VALUE ? this.#negative : this.#positive;
  }

  /** The least value, to within a hundredth: `known` if that one is in the cell of it. */
  least(known: SignedValue): number {
    const [below, above] = [this.#negative, this.#positive];
    const least = below.count > 0 ? -below.largest : above.smallest;
    return known.isAlike(least) ? known.value : least;
  }

  /** The greatest value, in the same way. */
  greatest(known: SignedValue): number {
    const [below, above] = [this.#negative, this.#positive];
    const greatest = above.count > 0 ? above.largest : -below.smallest;
    return known.isAlike(greatest) ? known.value : greatest;
  }

  /** The smallest value without its sign, in the same way. */
  smallest(known: SignedValue): number {
    const sides = [this.#negative, this.#positive].filter(({ count }) => count > 0);
    const smallest = Math.min(...sides.map((side) => side.smallest));
    return known.isAlike(smallest) || known.isAlike(-smallest) ? known.absolute : smallest;
  }

  /** The values of ranks, to within a hundredth. @param ranks - 0 for the least value. NaN if there are not that many values. */
  valuesAt(ranks: readonly number[]): number[] {
    const below = this.#negative.count;
    const [lower, upper] = [this.#negative, this.#positive];
    return ranks.map((rank) => {
      const [value = NaN] = rank < below ? lower.valuesAt([below - 1 - rank]) : upper.valuesAt([rank - below]);
      return rank < below ? negated(value) : value;
    });
  }

  /** The cells of the values without their signs. */
  absolute(): DecimalCells {
    const cells = new DecimalCells(DIGITS);
    for (const side of [this.#negative, this.#positive]) cells.addAll(side);
    return cells;
  }

  /**
   * Bins of the values, ascending, by a grid of their sizes. None on a side of zero that has no values. `from` is -Infinity for the bin that
   * gathers a heavy tail below zero. A bin below zero holds its end, not its beginning.
   */
  bins(grid: BinGrid): Bin[] {
    const [below = [], above = []] = [this.#negative, this.#positive].map((side) => {
      const count = side.count;
      return count === 0 ? [] : binsOf(side.cells(), grid, count);
    });
    return [...below.map(({ from, to, count }) => ({ from: negated(to), to: negated(from), count })).toReversed(), ...above];
  }

  save(): SavedSignedCells {
    const [below, above] = [this.#negative, this.#positive];
    return {
      zeros: above.zeros,
      negative: below.saveRuns(),
      positive: above.saveRuns(),
      infinite: [below.infinities, above.infinities],
    };
  }

  /** What `save` returns, without its runs. */
  saveRest(): SavedSignedCells {
    const [below, above] = [this.#negative, this.#positive];
    return { ...NO_SIGNED_CELLS, zeros: above.zeros, infinite: [below.infinities, above.infinities] };
  }

  /** The runs as bytes, in a buffer that is used again. */
  runBytes(): Buffer {
    const most = this.#negative.runBytes + this.#positive.runBytes;
    if (scratch.length < most) scratch = Buffer.allocUnsafe(2 * most);
    return scratch.subarray(0, this.#positive.writeRuns(scratch, this.#negative.writeRuns(scratch, 0)));
  }

  /** Adds what `save` returned. */
  merge({ zeros, negative, positive, infinite }: SavedSignedCells): void {
    this.#negative.mergeRuns(negative, 0, infinite[0]);
    this.#positive.mergeRuns(positive, zeros, infinite[1]);
  }
}

/** Without a negative zero. */
function negated(value: number): number {
  return value === 0 ? 0 : -value;
}

let scratch = Buffer.allocUnsafe(1 << 16);

/** The runs of `runBytes`. */
export function signedRuns(bytes: Buffer, start: number): Pick<SavedSignedCells, "negative" | "positive"> {
  const { runs: negative, end } = readRuns(bytes, start);
  return { negative, positive: readRuns(bytes, end).runs };
}
