import { ErrorHistogram } from "@streamgauge/core";
import type { LogBatch } from "@streamgauge/core/metric-log";
import { newPairDensity } from "./density/predicted-vs-actual-picture.js";
import type { PointDensity } from "./density/point-density.js";
import { newResidualDensity } from "./density/residuals-picture.js";
import { distributionOf, type ErrorDistribution } from "./error-distribution.js";

// About 1.3 million rows and a second of reading: a picture appears while a long log is still being read.
const BATCHES_PER_UPDATE = 256;

/** What an update found. */
export interface LogUpdate {
  /** There is something new to draw. */
  readonly changed: boolean;
  /** Everything that was in the log has been read; otherwise call `update` again. */
  readonly caughtUp: boolean;
}

/** What is counted of a batch. */
export type RowBatch = Pick<LogBatch, "startedOver" | "reachedEnd" | "yTrue" | "yPred" | "absoluteErrors" | "malformed">;

/** Where the rows come from: the tail of a log. */
export interface RowSource {
  next(): Promise<RowBatch | undefined>;
}

/** What pictures show of the rows in the log, as of the last update. The log is read once for all of them. */
export class LoggedRows {
  readonly #tail: RowSource;
  #counted = nothingCounted();

  constructor(tail: RowSource) {
    this.#tail = tail;
  }

  get count(): number {
    return this.#counted.histogram.count;
  }

  distribution(): ErrorDistribution {
    return distributionOf(this.#counted.histogram, this.#counted.sum);
  }

  /** Predictions (x) and labels (y). */
  get pairs(): PointDensity {
    return this.#counted.pairs;
  }

  /** Predictions (x) and errors e = y_pred − y_true (y). */
  get residuals(): PointDensity {
    return this.#counted.residuals;
  }

  /** Malformed lines of the log, which were skipped. */
  get malformed(): number {
    return this.#counted.malformed;
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

  #count({ startedOver, yTrue, yPred, absoluteErrors, malformed }: RowBatch): void {
    if (startedOver) this.#counted = nothingCounted();
    const counted = this.#counted;
    for (const error of absoluteErrors) counted.sum += error;
    counted.histogram.add(absoluteErrors);
    counted.pairs.add(yPred, yTrue);
    counted.residuals.add(
      yPred,
      yPred.map((predicted, i) => predicted - (yTrue[i] ?? Number.NaN)),
    );
    counted.malformed += malformed.length;
  }
}

function nothingCounted() {
  return { histogram: new ErrorHistogram(), sum: 0, pairs: newPairDensity(), residuals: newResidualDensity(), malformed: 0 };
}
