import type { RowCounts } from "../store/window-store.js";

/** The time over which rows are counted, and the least of it that gives a rate; ms. */
const OVER_MS = 10_000;
const LEAST_MS = 2_000;

/** How many rows a second were predicted and labelled lately, from counts that grow. */
export class RowRate {
  #counts: (RowCounts & { readonly at: number })[] = [];

  /** @param at - ms of any clock. @param counts - of all rows so far. */
  add(at: number, counts: RowCounts): void {
    const last = this.#counts.at(-1);
    // A lane that was begun anew counts from zero.
    if (last !== undefined && (counts.predicted < last.predicted || counts.labelled < last.labelled)) this.#counts = [];
    this.#counts.push({ at, ...counts });
    while ((this.#counts[1]?.at ?? at) <= at - OVER_MS) this.#counts.shift();
  }

  /** Rows a second; null until there are two seconds of counts. */
  value(): RowCounts | null {
    const [first, last] = [this.#counts[0], this.#counts.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < LEAST_MS) return null;
    const seconds = (last.at - first.at) / 1_000;
    return { predicted: (last.predicted - first.predicted) / seconds, labelled: (last.labelled - first.labelled) / seconds };
  }
}
