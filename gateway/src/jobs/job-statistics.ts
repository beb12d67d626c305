import { bias, ErrorHistogram, mae, mergeMoments, momentsOf, NO_MOMENTS, overflowed, r2, rmse } from "@streamgauge/core";
import type { JobRecord } from "../store/job-store.js";

/** Statistics of the errors of a job's rows, in the target's unit; null where there are too few rows, or the errors are too large. */
export interface JobStatistics {
  /** Rows with both a prediction and a label. */
  readonly count: number;
  readonly mae: number | null;
  readonly rmse: number | null;
  /** Mean of y_pred − y_true. */
  readonly bias: number | null;
  readonly r2: number | null;
  /** Quantiles of the absolute error, as those of the picture: exact up to 4,096 rows, beyond them at most a thousandth of their value off. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** Those that are null because the errors, or sums of them, are beyond the largest double; absent: none. */
  readonly overflowed?: readonly string[];
  /** Absolute errors from `from` to below `to`, which is null for the bin that gathers a heavy tail. */
  readonly bins: readonly { readonly from: number; readonly to: number | null; readonly count: number }[];
}

/** What came of some rows: shape [n] each, NaN where there is none. */
export interface Scored {
  readonly y_pred: Float64Array;
  readonly y_true: Float64Array | undefined;
}

export async function statisticsOf(parts: AsyncIterable<Scored>): Promise<JobStatistics> {
  let moments = NO_MOMENTS;
  const histogram = new ErrorHistogram();
  for await (const { y_pred: predictions, y_true: labels } of parts) {
    if (labels === undefined) continue;
    const isPair = (_: number, i: number) => !Number.isNaN(labels[i]) && !Number.isNaN(predictions[i]);
    const [yTrue, yPred] = [labels.filter(isPair), predictions.filter(isPair)];
    moments = mergeMoments(moments, momentsOf(yTrue, yPred));
    // The difference of two numbers may be beyond what a number holds.
    histogram.add(yPred.map((value, i) => Math.min(Math.abs(value - (yTrue[i] ?? 0)), Number.MAX_VALUE)));
  }
  const means = { mae: mae(moments), rmse: rmse(moments), bias: bias(moments), r2: r2(moments) };
  const beyond = overflowed(moments.count, means);
  return {
    count: moments.count,
    mae: figure(means.mae),
    rmse: figure(means.rmse),
    bias: figure(means.bias),
    r2: figure(means.r2),
    p50: figure(histogram.quantile(0.5)),
    p95: figure(histogram.quantile(0.95)),
    p99: figure(histogram.quantile(0.99)),
    max: figure(histogram.max),
    ...(beyond.length === 0 ? {} : { overflowed: beyond }),
    bins: histogram.bins().map(({ from, to, count }) => ({ from, to: figure(to), count })),
  };
}

/** JSON has only finite numbers. */
function figure(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

const MOST_KNOWN = 100;

/** The statistics of jobs, read from their rows, and again only where there may be more of these. */
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
    // What could not be read is read again.
    statistics.catch(() => this.forget(id));
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(id, { done, statistics });
    return statistics;
  }

  /** Its rows have changed, or are gone. */
  forget(job: string): void {
    this.#known.delete(job);
  }
}
