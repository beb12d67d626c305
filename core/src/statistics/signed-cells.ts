import { DecimalCells, type SavedRun } from "./decimal-cells.js";

/** Digits of a cell: it is at most a hundredth of the values in it wide. */
const DIGITS = 3;

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

/** Counts of signed values in decimal cells of three digits (see `DecimalCells`), whose order does not matter. NaN counts as infinite. */
export class SignedCells {
  readonly #negative = new DecimalCells(DIGITS);
  readonly #positive = new DecimalCells(DIGITS);

  add(value: number): void {
    if (value < 0) this.#negative.add(-value);
    else this.#positive.add(Number.isNaN(value) ? Infinity : value);
  }

  /** The cells of the values without their signs. */
  absolute(): DecimalCells {
    const cells = new DecimalCells(DIGITS);
    for (const side of [this.#negative, this.#positive]) cells.mergeRuns(side.saveRuns(), side.zeros, side.infinities);
    return cells;
  }

  save(): SavedSignedCells {
    const [below, above] = [this.#negative, this.#positive];
    return {
      // Both sides count values that are too small for a cell.
      zeros: below.zeros + above.zeros,
      negative: below.saveRuns(),
      positive: above.saveRuns(),
      infinite: [below.infinities, above.infinities],
    };
  }

  /** Adds what `save` returned. */
  merge({ zeros, negative, positive, infinite }: SavedSignedCells): void {
    this.#negative.mergeRuns(negative, 0, infinite[0]);
    this.#positive.mergeRuns(positive, zeros, infinite[1]);
  }
}
