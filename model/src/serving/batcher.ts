import { Deferred } from "@streamgauge/core";
import { ScoringError } from "../session/scorer.js";

export interface BatcherOptions<F, R> {
  /** No batch has more rows, except one frame that has more by itself. */
  readonly batchRows: number;
  /** How long a frame may wait for others, in ms; 0: a batch takes what is there. */
  readonly batchDelayMs: number;
  /** Batches that may be under way at once. */
  readonly concurrency: () => number;
  /** Scores frames together. @returns the result of each, in their order. */
  readonly score: (frames: readonly F[]) => Promise<readonly R[]>;
}

/** A frame that waits for its result. */
interface Waiting<F, R> {
  readonly frame: F;
  readonly since: number;
  readonly result: Deferred<R>;
}

/** A server that fails on so many frames alone, one after another, does not fail because of them. */
const FAILURES_IN_A_ROW = 2;

/**
 * Gathers the frames that wait into batches. As many are under way as the scorer allows: what comes meanwhile is the next.
 * If a batch fails, its frames are scored one by one, so that one that the model fails on harms no other.
 */
export class Batcher<F extends { readonly rows: number }, R> {
  readonly #options: BatcherOptions<F, R>;
  #waiting: Waiting<F, R>[] = [];
  #rows = 0;
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(options: BatcherOptions<F, R>) {
    this.#options = options;
  }

  /** @returns the result of this frame. Rejects with what `score` failed with. */
  add(frame: F): Promise<R> {
    const result = new Deferred<R>();
    this.#waiting.push({ frame, since: performance.now(), result });
    this.#rows += frame.rows;
    this.#schedule();
    return result.promise;
  }

  /** Looks whether batches can begin, after `concurrency` has changed. */
  wake(): void {
    this.#schedule();
  }

  #schedule(): void {
    const [oldest] = this.#waiting;
    const { batchDelayMs, batchRows, concurrency } = this.#options;
    if (oldest === undefined || this.#immediate !== undefined || this.#underWay >= concurrency()) return;
    const wait = oldest.since + batchDelayMs - performance.now();
    if (wait > 0 && this.#rows < batchRows) {
      this.#timer ??= setTimeout(() => this.#start(), wait);
      return;
    }
    // A turn of the event loop lets every message that has arrived already join the batch.
    this.#immediate = setImmediate(() => this.#start());
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#underWay += 1;
    void this.#run(this.#take()).finally(() => {
      this.#underWay -= 1;
      this.#schedule();
    });
    this.#schedule();
  }

  /** The oldest frames that fit into one batch; a frame that is larger than a batch comes alone. */
  #take(): readonly Waiting<F, R>[] {
    let rows = 0;
    let count = 0;
    for (const { frame } of this.#waiting) {
      if (count > 0 && rows + frame.rows > this.#options.batchRows) break;
      rows += frame.rows;
      count += 1;
    }
    const taken = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#rows -= rows;
    return taken;
  }

  async #run(batch: readonly Waiting<F, R>[]): Promise<void> {
    const error = await this.#tryTogether(batch);
    if (error === undefined) return;
    if (batch.length === 1 || (error instanceof ScoringError && error.blame === "model")) rejectAll(batch, error);
    else await this.#runAlone(batch);
  }

  /** Each frame by itself. */
  async #runAlone(batch: readonly Waiting<F, R>[]): Promise<void> {
    let inARow = 0;
    for (const [at, waiting] of batch.entries()) {
      const error = await this.#tryTogether([waiting]);
      if (error === undefined) {
        inARow = 0;
        continue;
      }
      waiting.result.reject(error);
      if (!(error instanceof ScoringError)) continue;
      inARow = error.blame === "unknown" ? inARow + 1 : 0;
      if (error.blame !== "model" && inARow < FAILURES_IN_A_ROW) continue;
      rejectAll(batch.slice(at + 1), error);
      return;
    }
  }

  /** Scores frames together and resolves their results. @returns what went wrong; no result is resolved then. */
  async #tryTogether(batch: readonly Waiting<F, R>[]): Promise<Error | undefined> {
    try {
      const results = await this.#options.score(batch.map(({ frame }) => frame));
      for (const [at, result] of results.entries()) batch[at]?.result.resolve(result);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(`The model failed: ${String(error)}`);
    }
  }
}

function rejectAll<F, R>(batch: readonly Waiting<F, R>[], error: Error): void {
  for (const { result } of batch) result.reject(error);
}
