import { driftOf, stabilityOf, type Drift, type Stability } from "./drift.js";
import { MISSING, UNSEEN } from "./feature-bins.js";
import type { MonitoredReference } from "./monitored-reference.js";
import type { PredictedBins } from "./predicted-bins.js";
import type { SavedFeatureWindow } from "./saved-feature-window.js";
import { commonestNames, UnseenNames } from "./unseen-names.js";

/** The drift of one feature, or of the predictions. */
export interface ColumnDrift extends Omit<Drift, "wasserstein"> {
  readonly name: string;
  /** Null of texts, and of values that do not vary. */
  readonly wasserstein: number | null;
  /** Rows without a value. */
  readonly missing: number;
  /** Rows with a text that the reference does not have; null of numbers. */
  readonly unseen: number | null;
}

/** Rows by the bins of each feature, of any hours that are added. */
export class BinCounts {
  rows = 0;
  /** By column; shape [bins] each. */
  readonly counts: readonly Float64Array[];
  readonly #unseen: readonly UnseenNames[];

  constructor({ columns }: MonitoredReference) {
    this.counts = columns.map(({ reference }) => new Float64Array(reference.counts.length));
    this.#unseen = columns.map(() => new UnseenNames());
  }

  add({ predicted, columns }: Pick<SavedFeatureWindow, "predicted" | "columns">): void {
    this.rows += predicted;
    for (const [column, { bins, unseen }] of columns.entries()) {
      const counts = this.counts[column];
      if (counts === undefined) continue;
      for (const { bin, predicted: rows } of bins) counts[bin] = (counts[bin] ?? 0) + rows;
      this.#unseen[column]?.merge(unseen);
    }
  }

  /** Adds rows by the bins of all columns, one column after another. */
  addBins({ rows, bins }: PredictedBins): void {
    this.rows += rows;
    let cell = 0;
    for (const counts of this.counts)
      for (let bin = 0; bin < counts.length; bin += 1) counts[bin] = (counts[bin] ?? 0) + (bins[cell++] ?? 0);
  }

  /** Adds the rows of others with the same reference. */
  merge(others: BinCounts): void {
    this.rows += others.rows;
    for (const [column, counts] of this.counts.entries()) {
      const more = others.counts[column];
      for (let bin = 0; bin < counts.length; bin += 1) counts[bin] = (counts[bin] ?? 0) + (more?.[bin] ?? 0);
      this.#unseen[column]?.merge(others.#unseen[column]?.save() ?? []);
    }
  }

  /**
   * The drift of each feature, and of the predictions.
   *
   * @param spread - how far hours of each column differ by themselves, for as many hours as these are; see `spreadOver`. Default: 0.
   */
  drifts({ columns }: MonitoredReference, spread: readonly number[] = []): ColumnDrift[] {
    return columns.map(({ name, reference }, column) => {
      const counts = this.counts[column] ?? new Float64Array(reference.counts.length);
      const { wasserstein = null, ...rest } = driftOf(reference, { counts }, { features: columns.length, spread: spread[column] ?? 0 });
      const unseen = reference.bins.kind === "text" ? (counts[UNSEEN] ?? 0) : null;
      return { name, ...rest, wasserstein, missing: counts[MISSING] ?? 0, unseen };
    });
  }

  /** Whether each feature, and the predictions, have drifted: without the distances, which take most of the time. */
  stabilities({ columns }: MonitoredReference, spread: readonly number[] = []): (Stability & { readonly name: string })[] {
    return columns.map(({ name, reference }, column) => {
      const counts = this.counts[column] ?? new Float64Array(reference.counts.length);
      return { name, ...stabilityOf(reference, counts, { features: columns.length, spread: spread[column] ?? 0 }) };
    });
  }

  /** The commonest texts that the reference does not have, by column. */
  unseenNames(column: number) {
    return commonestNames(this.#unseen[column]?.save() ?? []);
  }
}
