import type { FeatureValues } from "../session/index.js";

/** Rows of a sample, at most. */
const ROWS = 32;
/** The least pause between two samples, in ms. */
const PAUSE_MS = 1_000;

/** A few rows that the model in use has just answered: what another model must be able to answer before it takes over. */
export class RowSample {
  #columns: ReadonlyMap<string, FeatureValues> = new Map();
  #rows = 0;
  #nextAt = -Infinity;

  /**
   * Takes a copy of the first rows that were answered, now and then.
   *
   * @param columns - [features][rows]. @param yPred - [rows]. @param now - ms, of a clock that only goes forward.
   */
  note(features: readonly string[], columns: readonly FeatureValues[], yPred: Float64Array, now: number): void {
    if (now < this.#nextAt) return;
    const rows: number[] = [];
    for (let row = 0; row < yPred.length && rows.length < ROWS; row += 1) if (Number.isFinite(yPred[row])) rows.push(row);
    if (rows.length === 0) return;
    this.#nextAt = now + PAUSE_MS;
    this.#rows = rows.length;
    this.#columns = new Map(features.map((name, i) => [name, taken(columns[i] ?? new Float64Array(), rows)]));
  }

  /** The sample as a model with these features takes it; undefined where there is none, or it lacks a feature. */
  for(features: readonly string[]): { readonly rows: number; readonly columns: readonly FeatureValues[] } | undefined {
    const columns = features.map((name) => this.#columns.get(name)).filter((column) => column !== undefined);
    return this.#rows === 0 || columns.length < features.length ? undefined : { rows: this.#rows, columns };
  }
}

function taken(column: FeatureValues, rows: readonly number[]): FeatureValues {
  if (column instanceof Float64Array) return Float64Array.from(rows, (row) => column[row] ?? 0);
  return rows.map((row) => column[row] ?? "");
}
