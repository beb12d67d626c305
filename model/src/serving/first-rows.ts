import { MONITORED_FEATURES, referenceOf, type Reference, type Values } from "@streamgauge/core";
import type { FeatureValues } from "../session/index.js";

/** The most rows that are kept. Shares of bins do not become clearer with more. */
const MOST_ROWS = 100_000;

/** Collects the first rows of a model version that has no reference, to make one of them. */
export class FirstRows {
  readonly #features: readonly string[];
  readonly #wanted: number;
  readonly #columns: (number | string)[][];
  readonly #yPred: number[] = [];

  /** @param features - in the model's order. @param rows - to collect; 100,000 at most. */
  constructor(features: readonly string[], rows: number) {
    this.#features = features.slice(0, MONITORED_FEATURES);
    this.#wanted = Math.min(rows, MOST_ROWS);
    this.#columns = this.#features.map(() => []);
  }

  /** Takes rows until there are enough. @param columns - [features][rows], in the model's order. @param yPred - shape [rows]; a row without a number is left out. */
  add(columns: readonly FeatureValues[], yPred: Float64Array): void {
    for (let row = 0; row < yPred.length && this.#yPred.length < this.#wanted; row += 1) {
      const prediction = yPred[row] ?? Number.NaN;
      if (!Number.isFinite(prediction)) continue;
      this.#yPred.push(prediction);
      for (const [feature, kept] of this.#columns.entries()) kept.push(columns[feature]?.[row] ?? Number.NaN);
    }
  }

  /** @returns undefined while there are too few rows. */
  get reference(): Reference | undefined {
    if (this.#yPred.length < this.#wanted) return undefined;
    const columns = this.#features.map((name, feature) => [name, valuesOf(this.#columns[feature] ?? [])] as const);
    return { ...referenceOf(this.#wanted, new Map(columns), Float64Array.from(this.#yPred)), from: "first_rows" };
  }
}

/** Texts if any value is one. */
function valuesOf(kept: readonly (number | string)[]): Values {
  const isNumeric = kept.every((value) => typeof value === "number");
  return isNumeric ? Float64Array.from(kept, Number) : kept.map(String);
}
