import type { SentRow } from "../faults/harness/sender.js";
import type { SeededRandom } from "../index.js";

const MINUTE_MS = 60_000;

/** Rows for which something is due at a time of the run, in steps of a minute. */
export class DueLater {
  readonly #byMinute = new Map<number, SentRow[]>();

  /** @param at - ms since 1970. */
  add(row: SentRow, at: number): void {
    const minute = Math.floor(at / MINUTE_MS);
    const rows = this.#byMinute.get(minute) ?? [];
    if (rows.length === 0) this.#byMinute.set(minute, rows);
    rows.push(row);
  }

  /** Takes the rows of the minutes that are over. @param now - ms since 1970; Infinity: all. */
  take(now: number): SentRow[] {
    const over = [...this.#byMinute.keys()].filter((minute) => (minute + 1) * MINUTE_MS <= now);
    return over
      .toSorted((one, other) => one - other)
      .flatMap((minute) => {
        const rows = this.#byMinute.get(minute) ?? [];
        this.#byMinute.delete(minute);
        return rows;
      });
  }
}

/** Of the distribution: Pareto's, whose mean is six times and whose 99th percentile 46 times the least. */
const [LEAST_MS, SHAPE] = [2 * MINUTE_MS, 1.2];

/** A delay with a heavy tail, in ms. Source: inversion of Pareto's distribution. */
export function heavyTailed(random: SeededRandom, mostMs: number): number {
  return Math.min(mostMs, LEAST_MS / (1 - random.fraction()) ** (1 / SHAPE));
}
