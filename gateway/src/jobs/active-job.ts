import { Deferred } from "@streamgauge/core";
import type { ChunkResult } from "../store/job-store.js";
import { bytesOf } from "../store/job-store.js";

/** A chunk that was sent, with its answers so far. */
class OpenChunk {
  readonly firstRow: number;
  readonly yPred: Float64Array;
  /** Resolves when the results are stored, or the job has stopped. */
  readonly settled = new Deferred<void>();
  /** Reasons of rows without a prediction, by index in the chunk. */
  readonly reasons = new Map<number, string>();
  /** Rows without an answer. */
  left: number;
  model = "";

  constructor(firstRow: number, rows: number) {
    this.firstRow = firstRow;
    this.yPred = new Float64Array(rows).fill(Number.NaN);
    this.left = rows;
  }

  /** Whether the row exists and waits for an answer. */
  awaits(at: number): boolean {
    return at >= 0 && at < this.yPred.length && Number.isNaN(this.yPred[at]) && !this.reasons.has(at);
  }
}

/** The effect of some answers. */
export interface Taken {
  /** Chunks that are now complete. */
  readonly complete: ChunkResult[];
  /** Resolve when the chunks of these answers are stored. */
  readonly settled: Promise<void>[];
}

/** A running job and its rows in flight. */
export class ActiveJob {
  readonly id: string;
  readonly chunks: number;
  readonly #open = new Map<number, OpenChunk>();
  /** First rows and numbers of the open chunks, in descending order. */
  #order: { readonly firstRow: number; readonly n: number }[] = [];
  #changed = new Deferred<void>();
  /** The first chunk that is not sent yet. */
  next: number;
  stopped = false;
  /** Time of the last answer, by `performance.now()`, in ms. */
  heard = performance.now();

  constructor(id: string, chunks: number, next: number) {
    this.id = id;
    this.chunks = chunks;
    this.next = next;
  }

  /** Rows in flight. */
  get rowsOpen(): number {
    let rows = 0;
    for (const { left } of this.#open.values()) rows += left;
    return rows;
  }

  get chunksOpen(): readonly number[] {
    return [...this.#open.keys()];
  }

  /** Expects the answers of a chunk. */
  open(n: number, firstRow: number, rows: number): void {
    if (this.#open.has(n)) return;
    this.#open.set(n, new OpenChunk(firstRow, rows));
    this.#order.push({ firstRow, n });
    this.#order.sort((one, other) => other.firstRow - one.firstRow);
  }

  /** Records predictions. @param rows - row numbers in the job. */
  take(rows: readonly number[], values: (i: number) => number, model: string): Taken {
    return this.#answer(rows, (chunk, at, i) => {
      chunk.yPred[at] = values(i);
      chunk.model = model;
    });
  }

  /** Records why rows get no prediction. @param rows - row numbers in the job. */
  refuse(rows: readonly number[], reasons: (i: number) => string): Taken {
    return this.#answer(rows, (chunk, at, i) => chunk.reasons.set(at, reasons(i)));
  }

  /** Calls `note` for each row that still waits: the first answer counts. */
  #answer(rows: readonly number[], note: (chunk: OpenChunk, at: number, i: number) => void): Taken {
    this.heard = performance.now();
    const touched = new Map<number, OpenChunk>();
    let n: number | undefined;
    let chunk: OpenChunk | undefined;
    for (const [i, row] of rows.entries()) {
      if (chunk === undefined || row < chunk.firstRow || row >= chunk.firstRow + chunk.yPred.length) {
        n = this.#order.find(({ firstRow }) => firstRow <= row)?.n;
        chunk = n === undefined ? undefined : this.#open.get(n);
        if (n === undefined || chunk === undefined) continue;
        touched.set(n, chunk);
      }
      const at = row - chunk.firstRow;
      if (!chunk.awaits(at)) continue;
      note(chunk, at, i);
      chunk.left -= 1;
    }
    const complete = [...touched].filter(([, { left }]) => left === 0).map(([done, state]) => this.#resultOf(done, state));
    return { complete, settled: [...touched.values()].map(({ settled }) => settled.promise) };
  }

  #resultOf(n: number, { yPred, reasons, model }: OpenChunk): ChunkResult {
    return { jobId: this.id, n, y_pred: bytesOf(yPred), model, reasons, done: yPred.length - reasons.size, failed: reasons.size };
  }

  /** Closes a chunk whose results are stored. */
  close(n: number): void {
    const chunk = this.#open.get(n);
    this.#open.delete(n);
    this.#order = this.#order.filter((entry) => entry.n !== n);
    chunk?.settled.resolve();
    this.wake();
  }

  /** Stops the job: later answers are ignored. */
  stop(): void {
    this.stopped = true;
    for (const n of this.chunksOpen) this.close(n);
    this.wake();
  }

  /** Resolves `changed`, so that its waiters check again. */
  wake(): void {
    this.#changed.resolve();
    this.#changed = new Deferred();
  }

  /** Resolves when a chunk is closed or the job stops. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }
}
