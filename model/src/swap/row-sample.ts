import { featureColumns, Ids, type Column, type FeaturesFrame } from "@streamgauge/core";
import { selectFeatures } from "../session/select-features.js";
import type { FeatureRules, FeatureValues } from "../session/index.js";

/** Rows of a sample, at most. */
const ROWS = 32;
/** The least pause between two samples, in ms. */
const PAUSE_MS = 1_000;

/** Rows as they came, whatever the model takes of them. */
export interface SentRows {
  readonly frame: FeaturesFrame;
  /** The place of a scored row in the frame. */
  readonly rowOf: (row: number) => number;
}

/** A few rows that came in last, as they came: what another model must be able to answer before it takes over. */
export class RowSample {
  #columns: ReadonlyMap<string, Column> = new Map();
  #spelling: Pick<FeaturesFrame, "asWritten" | "pythonFloats"> = {};
  #rows = 0;
  #nextAt = -Infinity;

  /** Whether it is time for another sample. @param now - ms, of a clock that only goes forward. */
  isDue(now: number): boolean {
    return now >= this.#nextAt;
  }

  /** Takes a copy of the first rows of a message for which the model in use has numbers. @param yPred - its predictions, [rows]. */
  note({ frame, rowOf }: SentRows, yPred: Float64Array, now: number): void {
    const taken: number[] = [];
    for (let row = 0; row < yPred.length && taken.length < ROWS; row += 1) if (Number.isFinite(yPred[row])) taken.push(rowOf(row));
    if (taken.length === 0) return;
    this.#nextAt = now + PAUSE_MS;
    this.#rows = taken.length;
    const { asWritten = false, pythonFloats } = frame;
    this.#spelling = { asWritten, pythonFloats };
    this.#columns = new Map(
      Array.from(featureColumns(frame), ([name, column]) => [name, taken.map((row) => column[row] ?? null)] as const),
    );
  }

  /** Why a model with these features cannot score the rows that come, as the end of a sentence; undefined if it can, or none came yet. */
  misfit(features: readonly string[]): string | undefined {
    if (this.#rows === 0) return undefined;
    const missing = features.filter((name) => !this.#columns.has(name));
    if (missing.length > 0)
      return `it needs ${listed(missing)}, and the rows that are scored now have only ${listed([...this.#columns.keys()])}`;
    return undefined;
  }

  /** The rows that a model with these rules can score; undefined if there is none. */
  for(rules: FeatureRules): { readonly rows: number; readonly columns: readonly FeatureValues[] } | undefined {
    const ids = Ids.of(Array.from({ length: this.#rows }, (_, row) => String(row)));
    const selected = selectFeatures({ ids, columns: this.#columns, ...this.#spelling }, rules);
    return selected.ids.length === 0 ? undefined : { rows: selected.ids.length, columns: selected.columns };
  }
}

function listed(names: readonly string[]): string {
  return names.join(", ").slice(0, 200);
}
