import type { MetricNotice } from "@streamgauge/core";
import type { AlreadyLogged, Pairs } from "../log/metric-log.js";

/** Rows in a notice. */
const MOST = 20;

type LatestRow = MetricNotice["rows"][number];

/** The rows that were logged last, for the next notice. */
export class LatestRows {
  #rows: LatestRow[] = [];

  /** @param known - the pairs that are not logged, because the log has their ids; in the order of the rows. */
  add({ ids, yTrue, yPred }: Pairs, known: readonly Pick<AlreadyLogged, "row">[]): void {
    const rows: LatestRow[] = [];
    let lastKnown = known.length - 1;
    for (let row = ids.length - 1; row >= 0 && rows.length < MOST; row -= 1) {
      if (known[lastKnown]?.row === row) {
        lastKnown -= 1;
        continue;
      }
      const [y_true, y_pred] = [yTrue[row] ?? 0, yPred[row] ?? 0];
      const error = Math.abs(y_true - y_pred);
      // JSON has no infinity.
      rows.push({ id: ids.at(row), y_true, y_pred, absolute_error: error === Infinity ? null : error });
    }
    this.#rows.push(...rows.reverse());
    if (this.#rows.length > 10 * MOST) this.#rows = this.#rows.slice(-MOST);
  }

  /** The rows logged since the last call; at most 20, the latest last. */
  take(): readonly LatestRow[] {
    const rows = this.#rows.slice(-MOST);
    this.#rows = [];
    return rows;
  }
}
