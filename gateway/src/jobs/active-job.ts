import { Deferred } from "@streamgauge/core";
import type { ChunkResult } from "../store/job-store.js";
import { bytesOf } from "../store/job-store.js";

/** A chunk that was sent, and what came back of it so far. */
class OpenChunk {
  readonly firstRow: number;
  readonly yPred: Float64Array;
  /** Resolves when its results are stored, or nobody wants them any more. */
  readonly settled = new Deferred<void>();
  /** Why rows get no prediction, by their places in the chunk. */
  readonly reasons = new Map<number, string>();
  /** Rows that are not answered. */
  left: number;
  model = "";

  constructor(firstRow: number, rows: number) {
    this.firstRow = firstRow;
    this.yPred = new Float64Array(rows).fill(Number.NaN);
    this.left = rows;
  }

  /** Whether there is such a row, and it waits. */
  awaits(at: number): boolean {
    return at >= 0 && at < this.yPred.length && Number.isNaN(this.yPred[at]) && !this.reasons.has(at);
  }
}

/** What answers came to. */
export interface Taken {
  /** The chunks that they complete. */
  readonly complete: ChunkResult[];
  /** Resolve when the chunks that they belong to are stored. */
  readonly settled: Promise<void>[];
}

/** A job that runs: which of its rows are under way. */
export class ActiveJob {
  readonly id: string;
  readonly chunks: number;
  readonly #open = new Map<number, OpenChunk>();
  /** First rows of the chunks that are open, and the number of the chunk. */
  #order: { readonly firstRow: number; readonly n: number }[] = [];
  #changed = new Deferred<void>();
  /** The first chunk that is not sent. */
  next: number;
  stopped = false;
  /** When something came back last, on the clock of `performance.now()`. */
  heard = performance.now();

  constructor(id: string, chunks: number, next: number) {
    this.id = id;
    this.chunks = chunks;
    this.next = next;
  }

  /** Rows under way. */
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

  /** Notes predictions. @param rows - numbers in the job. */
  take(rows: readonly number[], values: (i: number) => number, model: string): Taken {
    return this.#answer(rows, (chunk, at, i) => {
      chunk.yPred[at] = values(i);
      chunk.model = model;
    });
  }

  /** Notes that rows get no prediction, and why. @param rows - numbers in the job. */
  refuse(rows: readonly number[], reasons: (i: number) => string): Taken {
    return this.#answer(rows, (chunk, at, i) => chunk.reasons.set(at, reasons(i)));
  }

  /** Has `note` note the answer of each row that waits for one: the first stays. */
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

  /** The results of a chunk are stored. */
  close(n: number): void {
    const chunk = this.#open.get(n);
    this.#open.delete(n);
    this.#order = this.#order.filter((entry) => entry.n !== n);
    chunk?.settled.resolve();
    this.wake();
  }

  /** Nothing that comes is wanted any more. */
  stop(): void {
    this.stopped = true;
    for (const n of this.chunksOpen) this.close(n);
    this.wake();
  }

  /** Lets whoever waits for `changed` look again. */
  wake(): void {
    this.#changed.resolve();
    this.#changed = new Deferred();
  }

  /** Resolves when a chunk was closed, or the job stopped. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }
}
