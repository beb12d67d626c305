import { ErrorStatistics, statisticsJson, type StatisticsJson } from "@streamgauge/core";
import type { JobRecord } from "../store/job-store.js";

/** Statistics of the errors of a job's rows. */
export interface JobStatistics extends StatisticsJson {
  /** Bins of absolute errors, [from, to); `to` is null for the last bin if it collects a heavy tail. */
  readonly bins: readonly { readonly from: number; readonly to: number | null; readonly count: number }[];
}

/** The results of some rows: shape [n] each, NaN if missing. */
export interface Scored {
  readonly y_pred: Float64Array;
  readonly y_true: Float64Array | undefined;
}

export async function statisticsOf(parts: AsyncIterable<Scored>): Promise<JobStatistics> {
  const errors = new ErrorStatistics();
  for await (const { y_pred: predictions, y_true: labels } of parts) {
    if (labels === undefined) continue;
    const isPair = (_: number, i: number) => !Number.isNaN(labels[i]) && !Number.isNaN(predictions[i]);
    errors.add(labels.filter(isPair), predictions.filter(isPair));
  }
  // JSON has no infinity.
  const bins = errors.bins().map(({ from, to, count }) => ({ from, to: to === Infinity ? null : to, count }));
  return { ...statisticsJson(errors.count, errors.values()), bins };
}

const MOST_KNOWN = 100;

/** Caches the statistics of jobs. Reads a job's rows again only if more of them are answered, or after `forget`. */
export class KnownStatistics {
  readonly #read: (job: string) => AsyncIterable<Scored>;
  readonly #known = new Map<string, { readonly done: number; readonly statistics: Promise<JobStatistics> }>();

  constructor(read: (job: string) => AsyncIterable<Scored>) {
    this.#read = read;
  }

  of({ id, done }: Pick<JobRecord, "id" | "done">): Promise<JobStatistics> {
    const known = this.#known.get(id);
    if (known?.done === done) return known.statistics;
    const statistics = statisticsOf(this.#read(id));
    // A failed read is not cached.
    statistics.catch(() => this.forget(id));
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(id, { done, statistics });
    return statistics;
  }

  /** Drops the statistics of a job whose rows have changed or are gone. */
  forget(job: string): void {
    this.#known.delete(job);
  }
}
