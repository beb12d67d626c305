import { ErrorHistogram, type Bin } from "@streamgauge/core";
import type { LogBatch } from "@streamgauge/core/metric-log";

// About 1.3 million rows and a second of reading: a picture appears while a long log is still being read.
const BATCHES_PER_UPDATE = 256;

/** What an update found. */
export interface LogUpdate {
  /** There is something new to draw. */
  readonly changed: boolean;
  /** Everything that was in the log has been read; otherwise call `update` again. */
  readonly caughtUp: boolean;
}

/** What a picture shows of the absolute errors, in the target's unit; all but `count` and `bins` are NaN while there are none. */
export interface ErrorDistribution {
  readonly count: number;
  /** Infinity if the sum of the errors is beyond the largest double, as the MAE of metrics. */
  readonly mean: number;
  readonly median: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
  readonly bins: readonly Bin[];
}

/** @param sum - of the errors in the histogram. */
export function distributionOf(histogram: ErrorHistogram, sum: number): ErrorDistribution {
  const { count, min, max } = histogram;
  const [median = Number.NaN, p95 = Number.NaN] = histogram.quantiles([0.5, 0.95]);
  return { count, mean: sum / count, median, p95, min, max, bins: histogram.bins() };
}

/** What is counted of a batch. */
export type ErrorBatch = Pick<LogBatch, "startedOver" | "reachedEnd" | "absoluteErrors" | "malformed">;

/** Where the errors come from: the tail of a log. */
export interface ErrorSource {
  next(): Promise<ErrorBatch | undefined>;
}

/** The absolute errors that are in the log, as of the last update. */
export class LoggedErrors {
  readonly #tail: ErrorSource;
  #histogram = new ErrorHistogram();
  #sum = 0;
  #malformed = 0;

  constructor(tail: ErrorSource) {
    this.#tail = tail;
  }

  get histogram(): ErrorHistogram {
    return this.#histogram;
  }

  distribution(): ErrorDistribution {
    return distributionOf(this.#histogram, this.#sum);
  }

  /** Malformed lines of the log, which were skipped. */
  get malformed(): number {
    return this.#malformed;
  }

  /**
   * Reads what was appended, at most 64 MiB of it. One call at a time.
   *
   * @throws LogUnreadableError when the log exists and cannot be read; what was read before stays, the next call goes on from there.
   */
  async update(): Promise<LogUpdate> {
    for (let batches = 0; batches < BATCHES_PER_UPDATE; batches += 1) {
      const batch = await this.#tail.next();
      if (batch === undefined) return { changed: batches > 0, caughtUp: true };
      this.#count(batch);
      // Following concurrent appends would read a few rows at a time for as long as the log is written.
      if (batch.reachedEnd) return { changed: true, caughtUp: true };
    }
    return { changed: true, caughtUp: false };
  }

  #count(batch: ErrorBatch): void {
    if (batch.startedOver) {
      this.#histogram = new ErrorHistogram();
      this.#malformed = 0;
      this.#sum = 0;
    }
    for (const error of batch.absoluteErrors) this.#sum += error;
    this.#histogram.add(batch.absoluteErrors);
    this.#malformed += batch.malformed.length;
  }
}
