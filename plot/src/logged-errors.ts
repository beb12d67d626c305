import { ErrorHistogram, type ErrorSummary } from "@streamgauge/core";
import type { LogBatch, LogTail } from "./log-tail.js";
import type { ParsedLog } from "./parse-log.js";

// About 1.3 million rows and a second of reading: a picture appears while a long log is still being read.
const BATCHES_PER_UPDATE = 256;

/** What an update found. */
export interface LogUpdate {
  /** There is something new to draw. */
  readonly changed: boolean;
  /** Everything that was in the log has been read; otherwise call `update` again. */
  readonly caughtUp: boolean;
}

/** The absolute errors that are in the log, as of the last update. */
export class LoggedErrors {
  readonly #tail: Pick<LogTail<ParsedLog>, "next">;
  #histogram = new ErrorHistogram();
  #malformed = 0;
  /** Of the errors; Infinity where it is beyond the largest double. */
  #sum = 0;
  /** Whether one of them is beyond the largest double itself. */
  #hasInfinite = false;

  constructor(tail: Pick<LogTail<ParsedLog>, "next">) {
    this.#tail = tail;
  }

  get histogram(): ErrorHistogram {
    return this.#histogram;
  }

  /** What a picture shows of them. The mean is Infinity where their sum overflows, as the MAE of metrics; so is the largest where one does. */
  summary(): ErrorSummary {
    const summary = this.#histogram.summary();
    return {
      ...summary,
      mean: this.#sum === Infinity ? Infinity : summary.mean,
      max: this.#hasInfinite ? Infinity : summary.max,
    };
  }

  /** Lines of the log that are no rows and were skipped. */
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
      // Reading on to what was appended meanwhile would read a few rows at a time for as long as someone writes.
      if (batch.reachedEnd) return { changed: true, caughtUp: true };
    }
    return { changed: true, caughtUp: false };
  }

  #count(batch: LogBatch): void {
    if (batch.startedOver) {
      this.#histogram = new ErrorHistogram();
      this.#malformed = 0;
      this.#sum = 0;
      this.#hasInfinite = false;
    }
    for (const error of batch.absoluteErrors) this.#sum += error;
    this.#hasInfinite ||= batch.absoluteErrors.includes(Infinity);
    this.#histogram.add(this.#hasInfinite ? batch.absoluteErrors.map((error) => Math.min(error, Number.MAX_VALUE)) : batch.absoluteErrors);
    this.#malformed += batch.malformed;
  }
}
