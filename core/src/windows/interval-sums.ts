import { ExactSums } from "../statistics/exact-sums.js";
import type { SavedExactSum } from "../statistics/saved-exact-sum.js";
import type { LabelledRow } from "./labelled-row.js";

/** Where each sum stands: of the half widths, and of what labels are outside of their interval by. */
const [HALF_WIDTHS, OUTSIDE] = [0, 1];
export const INTERVAL_SUMS = 2;

/** What is known of the intervals that were announced with predictions, as it is kept. Those of one time merge. */
export interface SavedIntervalSums {
  /** The share of rows whose interval was to hold the label, when the latest of them was labelled; NaN if there are none. */
  readonly target: number;
  /** Labelled rows whose prediction had an interval. */
  readonly rows: number;
  /** Of these, rows whose label is in it. */
  readonly covered: number;
  /** Of the half widths, and of what labels are outside of their interval by; exact. None without rows. */
  readonly sums: readonly SavedExactSum[];
}

export const NO_INTERVALS: SavedIntervalSums = { target: Number.NaN, rows: 0, covered: 0, sums: [] };

/** How good the intervals were; NaN without any. */
export interface IntervalFigures {
  /** Labelled rows whose prediction had an interval. */
  readonly rows: number;
  /** The share of them whose label was to be in it, and was. */
  readonly target: number;
  readonly coverage: number;
  /** The mean width, from end to end. */
  readonly width: number;
  /** The mean Winkler score: the width, and 2 / (1 − target) times what the label is outside by (Winkler 1972; Gneiting and Raftery 2007, eq. 43). */
  readonly score: number;
}

/** The intervals of some labelled rows, by the widths that were announced with their predictions. Neither the order of the rows matters, nor in which parts they were added. */
export class IntervalSums {
  rows = 0;
  #covered = 0;
  readonly #sums = new ExactSums(INTERVAL_SUMS);

  add({ halfWidth, error: { absolute } }: LabelledRow): void {
    if (Number.isNaN(halfWidth)) return;
    this.rows += 1;
    this.#sums.add(HALF_WIDTHS, halfWidth);
    if (absolute <= halfWidth) this.#covered += 1;
    else this.#sums.add(OUTSIDE, absolute - halfWidth);
  }

  /** Takes out a row that was added. */
  remove({ halfWidth, error: { absolute } }: LabelledRow): void {
    if (Number.isNaN(halfWidth)) return;
    this.rows -= 1;
    this.#sums.remove(HALF_WIDTHS, halfWidth);
    if (absolute <= halfWidth) this.#covered -= 1;
    else this.#sums.remove(OUTSIDE, absolute - halfWidth);
  }

  addAll(other: IntervalSums): void {
    if (other.rows === 0) return;
    this.rows += other.rows;
    this.#covered += other.#covered;
    this.#sums.addAll(other.#sums);
  }

  clear(): void {
    if (this.rows === 0) return;
    this.rows = this.#covered = 0;
    this.#sums.clear();
  }

  /** @param target - see `SavedIntervalSums`. */
  figures(target: number): IntervalFigures {
    const { rows } = this;
    if (rows === 0) return { rows, target: Number.NaN, coverage: Number.NaN, width: Number.NaN, score: Number.NaN };
    const width = (2 * this.#sums.at(HALF_WIDTHS)) / rows;
    return { rows, target, coverage: this.#covered / rows, width, score: width + ((2 / (1 - target)) * this.#sums.at(OUTSIDE)) / rows };
  }

  save(target: number): SavedIntervalSums {
    return this.rows === 0 ? NO_INTERVALS : { target, rows: this.rows, covered: this.#covered, sums: this.#sums.save() };
  }

  /** Adds what `save` returned. */
  merge({ rows, covered, sums }: SavedIntervalSums): void {
    if (rows === 0) return;
    this.rows += rows;
    this.#covered += covered;
    this.#sums.merge(sums);
  }
}
