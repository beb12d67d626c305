import { once } from "node:events";
import { mkdirSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";

/** The log of a run as a user reads it. It shares no code with core's reader: a test must not use what it tests. */
export class WrittenLog {
  readonly path: string;
  readonly #folder: string;

  /** @param lane - another one than the champion. */
  constructor(folder: string, lane?: string) {
    this.#folder = folder;
    this.path = join(folder, lane === undefined ? "metric_log.csv" : `metric_log.${lane}.csv`);
    mkdirSync(folder, { recursive: true });
  }

  /** Its whole lines, without the header; none if there is no log. */
  get lines(): readonly string[] {
    const text = readFileSync(this.path, { encoding: "utf8", flag: "a+" });
    const [, ...lines] = text.split("\n").slice(0, -1);
    return lines;
  }

  /** Resolves when it has so many lines. */
  async has(count: number): Promise<void> {
    const watcher = watch(this.#folder);
    try {
      while (this.lines.length < count) await once(watcher, "change");
    } finally {
      watcher.close();
    }
  }

  /** The ids, in the order of the log. */
  get ids(): readonly string[] {
    return this.lines.map((line) => line.split(",")[0] ?? "");
  }

  /** Computed here from what the log says, to be compared with scikit-learn's figures. */
  get statistics() {
    const rows = this.lines.map((line) => line.split(",").slice(1).map(Number));
    const errors = rows.map(([yTrue = Number.NaN, yPred = Number.NaN]) => yTrue - yPred);
    const mean = average(rows.map(([yTrue = Number.NaN]) => yTrue));
    const variance = average(rows.map(([yTrue = Number.NaN]) => (yTrue - mean) ** 2));
    const meanSquare = average(errors.map((error) => error ** 2));
    return {
      rows: rows.length,
      mae: average(errors.map(Math.abs)),
      rmse: Math.sqrt(meanSquare),
      r2: 1 - meanSquare / variance,
      /** Of the errors as logged, to what the other columns say. */
      largestDifference: Math.max(...rows.map(([yTrue = 0, yPred = 0, error = Number.NaN]) => Math.abs(error - Math.abs(yTrue - yPred)))),
    };
  }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
