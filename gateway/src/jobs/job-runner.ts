import {
  AS_WRITTEN,
  BusClosedError,
  MessageTooLargeError,
  CONTRACT_VERSION,
  FEATURES,
  FRAME_HEADER,
  LABELS,
  queuesOf,
  type Bus,
  type Closable,
  type Logger,
} from "@streamgauge/core";
import type { Publisher } from "../ingress/publisher.js";
import type { Database } from "../store/database.js";
import { float64, type JobRecord, type JobStore } from "../store/job-store.js";
import { ActiveJob } from "./active-job.js";
import { labelMessage } from "./upload.js";

/** Rows of one job in flight: enough to keep the model busy, few enough for memory. */
const WINDOW_ROWS = 65_536;
/** Without an answer for this time, and with empty queues, rows in flight are sent again. */
const STALLED_MS = 30_000;
const LOOK_MS = 10_000;

export interface JobRunnerOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly publisher: Publisher;
  readonly log: Logger;
  readonly lane: string;
  /** Resolves when the results from before the start are read. */
  readonly drained: () => Promise<void>;
}

/** Sends the rows of running jobs chunk by chunk, and ends each job when all of its answers are stored. */
export class JobRunner implements Closable {
  readonly #options: JobRunnerOptions;
  readonly #store: JobStore;
  readonly #active = new Map<string, ActiveJob>();
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #look: NodeJS.Timeout;

  constructor(options: JobRunnerOptions, store: JobStore) {
    this.#options = options;
    this.#store = store;
    this.#look = setInterval(() => this.#track(this.#sendStalled()), LOOK_MS).unref();
  }

  /** Running jobs, by id. */
  get active(): ReadonlyMap<string, ActiveJob> {
    return this.#active;
  }

  /** Starts a job whose state is `running`, unless it is active. */
  start(record: JobRecord): void {
    if (!this.#active.has(record.id)) this.#track(this.#pump(this.#activate(record)));
  }

  /** Resumes the jobs that ran before the restart. */
  async recover(): Promise<void> {
    for (const record of await this.#store.running(this.#ending.signal)) await this.resume(record);
  }

  /** Resumes a job whose state is `running`, unless it is active. @returns whether it was not. */
  async resume(record: JobRecord): Promise<boolean> {
    if (this.#active.has(record.id)) return false;
    const job = this.#activate(record);
    const unanswered = await this.#store.unanswered(job.id, job.next, this.#ending.signal);
    for (const { n, first_row: firstRow, rows } of unanswered) job.open(n, firstRow, rows);
    this.#track(this.#goOn(job));
    return true;
  }

  /** Stops sending a job, and ignores its answers. */
  stop(id: string): void {
    this.#active.get(id)?.stop();
    this.#active.delete(id);
  }

  /** Resends chunks in flight, unless their results are already in the queue. */
  async #goOn(job: ActiveJob): Promise<void> {
    this.#options.log.info(`Job ${job.id} goes on at chunk ${job.next} of ${job.chunks}; ${job.chunksOpen.length} are open.`);
    await this.#options.drained();
    await this.#sendAgain(job);
    await this.#pump(job);
  }

  #activate({ id, chunks, next_chunk: next }: JobRecord): ActiveJob {
    const job = new ActiveJob(id, chunks, next);
    this.#active.set(id, job);
    return job;
  }

  /** Runs work in the background; `close` waits for it. */
  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        if (!this.#ending.signal.aborted && !(error instanceof BusClosedError))
          this.#options.log.error(error, "A job cannot go on; it does after a restart.");
      })
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /** Sends a job chunk by chunk, no faster than answers come, and ends it when all have come. */
  async #pump(job: ActiveJob): Promise<void> {
    const { signal } = this.#ending;
    while (!job.stopped && !signal.aborted && job.next < job.chunks) {
      if (job.rowsOpen >= WINDOW_ROWS) {
        await job.changed;
        continue;
      }
      await this.#send(job, job.next);
      job.next += 1;
      // It may have been cancelled before it became active.
      if (!(await this.#store.sentBefore(job.id, job.next, signal))) this.stop(job.id);
    }
    while (!job.stopped && !signal.aborted && job.chunksOpen.length > 0) await job.changed;
    if (!job.stopped && !signal.aborted) await this.#finish(job);
  }

  /** Resolves when the chunk's rows and labels are confirmed. Fails the job if RabbitMQ does not accept messages of that size. */
  async #send(job: ActiveJob, n: number): Promise<void> {
    try {
      await this.#sendChunk(job, n);
    } catch (error) {
      if (!(error instanceof MessageTooLargeError)) throw error;
      this.stop(job.id);
      await this.#options.database.runUntilDone(async () => {
        await this.#store.move(job.id, ["running"], "failed", { reason: error.message });
      }, this.#ending.signal);
    }
  }

  async #sendChunk(job: ActiveJob, n: number): Promise<void> {
    const { publisher } = this.#options;
    const { signal } = this.#ending;
    const chunk = await this.#store.message(job.id, n, signal);
    if (chunk === undefined) return;
    const { first_row: firstRow, rows, body, content_type: contentType, y_true: labels } = chunk;
    job.open(n, firstRow, rows);
    const now = Date.now();
    const headers = {
      [FRAME_HEADER.version]: CONTRACT_VERSION,
      [FRAME_HEADER.origin]: now,
      ...(chunk.as_written ? { [FRAME_HEADER.cells]: AS_WRITTEN } : {}),
      ...(chunk.python_floats === null ? {} : { [FRAME_HEADER.pythonFloats]: chunk.python_floats }),
    };
    await publisher.publishUntilConfirmed(
      FEATURES,
      { body: Buffer.from(body), contentType, type: "features", timestamp: now, headers },
      signal,
    );
    const message = labels === null ? undefined : labelMessage(job.id, firstRow, float64(labels), now);
    if (message !== undefined) await publisher.publishUntilConfirmed(LABELS, message, signal);
  }

  async #sendAgain(job: ActiveJob): Promise<void> {
    job.heard = performance.now();
    for (const n of job.chunksOpen) if (!job.stopped && !this.#ending.signal.aborted) await this.#send(job, n);
  }

  /** Resends rows that were lost: a queue was purged, or lost messages that it could not keep. */
  async #sendStalled(): Promise<void> {
    const { bus, lane, log } = this.#options;
    for (const job of this.#active.values()) {
      if (job.chunksOpen.length === 0 || performance.now() - job.heard < STALLED_MS || !bus.connected) continue;
      if ((await bus.depth(queuesOf(lane).features)) > 0) continue;
      log.warn(
        `Nothing came back of job ${job.id} for ${STALLED_MS / 1000} s, and no row waits for the model: ${job.chunksOpen.length} chunks are sent again.`,
      );
      await this.#sendAgain(job);
    }
  }

  async #finish(job: ActiveJob): Promise<void> {
    const { signal } = this.#ending;
    await this.#options.database.runUntilDone(async () => {
      const record = await this.#store.get(job.id);
      if (record === undefined) return;
      const lost = record.rows - record.done - record.failed;
      if (lost > 0)
        await this.#store.move(job.id, ["running"], "failed", { reason: `${lost} rows have neither a prediction nor a reason.` });
      else if (record.done > 0) await this.#store.move(job.id, ["running"], "succeeded");
      else await this.#store.move(job.id, ["running"], "failed", { reason: await this.#firstReason(job.id) });
    }, signal);
    this.#active.delete(job.id);
  }

  async #firstReason(id: string): Promise<string> {
    for await (const { rows, reasonOf } of this.#store.results(id))
      for (let at = 0; at < rows; at += 1) if (reasonOf(at) !== "") return reasonOf(at);
    return "No row got a prediction.";
  }

  async close(): Promise<void> {
    this.#ending.abort();
    clearInterval(this.#look);
    for (const job of this.#active.values()) job.wake();
    await Promise.all(this.#running);
  }
}
