import { Deferred } from "@streamgauge/core";
import type { ChunkResult } from "../store/job-store.js";
import { bytesOf } from "../store/job-store.js";

/** A chunk that was sent, and what came back of it so far. */
class OpenChunk {
  readonly firstRow: number;
  readonly yPred: Float64Array;
  /** Resolves when its results are stored, or nobody wants them any more. */
  readonly settled = new Deferred<void>();
  left: number;
  model = "";

  constructor(firstRow: number, rows: number) {
    this.firstRow = firstRow;
    this.yPred = new Float64Array(rows).fill(Number.NaN);
    this.left = rows;
  }
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

  /**
   * Notes answers. @param rows - numbers in the job. @returns the chunks that they complete, and promises that
   * resolve when those that they belong to are stored.
   */
  take(
    rows: readonly number[],
    values: (i: number) => number,
    model: string,
  ): { readonly complete: ChunkResult[]; readonly settled: Promise<void>[] } {
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
      // The first answer stays.
      if (at < 0 || at >= chunk.yPred.length || !Number.isNaN(chunk.yPred[at])) continue;
      chunk.yPred[at] = values(i);
      chunk.left -= 1;
      chunk.model = model;
    }
    const complete = [...touched].filter(([, { left }]) => left === 0).map(([done, state]) => this.#resultOf(done, state, null));
    return { complete, settled: [...touched.values()].map(({ settled }) => settled.promise) };
  }

  /** Notes that rows get no answer: the rest of their chunks has come. */
  refuse(rows: readonly number[], reason: string): { readonly complete: ChunkResult[]; readonly settled: Promise<void>[] } {
    this.heard = performance.now();
    const found = new Set(rows.map((row) => this.#order.find(({ firstRow }) => firstRow <= row)?.n).filter((n) => n !== undefined));
    const states = [...found].flatMap((n) => {
      const state = this.#open.get(n);
      return state === undefined ? [] : [[n, state] as const];
    });
    return {
      complete: states.map(([n, state]) => this.#resultOf(n, state, reason)),
      settled: states.map(([, { settled }]) => settled.promise),
    };
  }

  #resultOf(n: number, { yPred, left, model }: OpenChunk, reason: string | null): ChunkResult {
    return { jobId: this.id, n, y_pred: bytesOf(yPred), model, reason, done: yPred.length - left, failed: left };
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
