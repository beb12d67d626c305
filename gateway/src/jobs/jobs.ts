import { randomBytes } from "node:crypto";
import {
  BusClosedError,
  CONTRACT_VERSION,
  FEATURES,
  FRAME_HEADER,
  LABELS,
  queuesOf,
  type Bus,
  type Closable,
  type Ids,
  type LabelFrame,
  type Logger,
  type PredictionFrame,
} from "@streamgauge/core";
import type { RawItem } from "../ingress/raw-items.js";
import type { Publisher } from "../ingress/publisher.js";
import type { RowOwner } from "../results/results.js";
import type { Database } from "../store/database.js";
import { GroupCommit } from "../store/group-commit.js";
import { bytesOf, float64, JobStore, type ChunkResult, type JobRecord, type RowLabel } from "../store/job-store.js";
import { ActiveJob } from "./active-job.js";
import { ErrorCells, type ErrorStatistics } from "./error-cells.js";
import { labelMessage, Upload, type Chunk } from "./upload.js";

/** Rows of one job that are under way: enough to keep the model busy, and few enough to be kept in memory. */
const WINDOW_ROWS = 65_536;
/** Nothing came back for so long and nothing waits in a queue: what is under way is sent again. */
const STALLED_MS = 30_000;
const LOOK_MS = 10_000;

export interface JobsOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly publisher: Publisher;
  readonly log: Logger;
  readonly lane: string;
  /** Resolves when the results that came before the start are read. */
  readonly drained: () => Promise<void>;
}

/** The largest number that the database's integers hold. */
const MAX_ROW = 2 ** 31 - 1;

/** An upload has no row that can be used. */
export class NoRowsError extends Error {
  override readonly name = "NoRowsError";
  readonly upload: Upload;

  constructor(upload: Upload) {
    super("The job has no row that can be used.");
    this.upload = upload;
  }
}

/** Files of rows that are scored through the pipeline. All that a job needs is in the database: it goes on after any restart. */
export class Jobs implements RowOwner, Closable {
  readonly #options: JobsOptions;
  readonly #store: JobStore;
  readonly #active = new Map<string, ActiveJob>();
  readonly #ending = new AbortController();
  readonly #results: GroupCommit<ChunkResult, undefined>;
  readonly #labels: GroupCommit<RowLabel, undefined>;
  /** Jobs with rows that a label may come for. */
  readonly #unlabelled = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #statistics = new Map<string, { readonly done: number; readonly statistics: ErrorStatistics }>();
  readonly #look: NodeJS.Timeout;

  constructor(options: JobsOptions) {
    this.#options = options;
    const store = new JobStore(options.database);
    this.#store = store;
    this.#results = new GroupCommit(async (group) => {
      await store.answer(group, this.#ending.signal);
      for (const { jobId, n } of group) this.#active.get(jobId)?.close(n);
      return group.map(() => undefined);
    }, 64);
    this.#labels = new GroupCommit(async (group) => {
      await store.label(group, this.#ending.signal);
      for (const { jobId } of group) this.#statistics.delete(jobId);
      return group.map(() => undefined);
    }, 10_000);
    this.#look = setInterval(() => this.#track(this.#sendStalled()), LOOK_MS).unref();
  }

  /** Takes up the jobs that ran before the start. */
  async recover(): Promise<void> {
    const { signal } = this.#ending;
    await this.#store.removeUnfinishedUploads(signal);
    for (const id of await this.#store.unlabelled(signal)) this.#unlabelled.add(id);
    for (const record of await this.#store.running(signal)) {
      const job = this.#activate(record);
      for (const { n, first_row: firstRow, rows } of await this.#store.unanswered(job.id, job.next, signal)) job.open(n, firstRow, rows);
      this.#track(this.#resume(job));
    }
  }

  /** Sends again what was under way at the end of the former life, unless its results are in the queue already. */
  async #resume(job: ActiveJob): Promise<void> {
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

  /** Work that goes on by itself, and is waited for at the end. */
  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        if (!this.#ending.signal.aborted && !(error instanceof BusClosedError))
          this.#options.log.error(error, "A job cannot go on; it does after a restart.");
      })
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /**
   * Stores the rows of an upload as a job.
   *
   * @throws NoRowsError; whatever reading the upload throws. Nothing is left of it then.
   */
  async create(name: string, rows: AsyncIterable<readonly RawItem[]>): Promise<{ readonly job: JobRecord; readonly upload: Upload }> {
    const id = `j${BigInt(`0x${randomBytes(8).toString("hex")}`).toString(36)}`;
    const upload = new Upload(id);
    await this.#store.create(id, name);
    try {
      for await (const items of rows) for (const chunk of upload.add(items)) await this.#addChunk(id, chunk);
      for (const chunk of upload.end()) await this.#addChunk(id, chunk);
      if (upload.rows === 0) throw new NoRowsError(upload);
      await this.#store.complete(id, upload.rows, upload.chunks);
    } catch (error) {
      await this.#store.remove(id).catch(() => undefined);
      throw error;
    }
    if (!upload.isLabelled) this.#unlabelled.add(id);
    const job = await this.#store.get(id);
    if (job === undefined) throw new Error(`The job ${id} vanished.`);
    return { job, upload };
  }

  #addChunk(id: string, { n, firstRow, rows, body, contentType, ids, y_true: labels }: Chunk): Promise<void> {
    return this.#store.addChunk({
      job_id: id,
      n,
      first_row: firstRow,
      rows,
      body,
      content_type: contentType,
      ids: ids === undefined ? null : JSON.stringify(ids),
      y_true: labels === undefined ? null : bytesOf(labels),
      y_pred: null,
      reason: null,
      model: null,
    });
  }

  /** Starts a job. @returns whether it was waiting for that. */
  async run(id: string): Promise<boolean> {
    if (!(await this.#store.move(id, ["created"], "running"))) return false;
    const record = await this.#store.get(id);
    if (record !== undefined) this.#track(this.#pump(this.#activate(record)));
    return true;
  }

  /** Cancels a job that is not over. @returns whether it was not. */
  async cancel(id: string): Promise<boolean> {
    if (!(await this.#store.move(id, ["created", "running"], "cancelled"))) return false;
    this.#active.get(id)?.stop();
    this.#active.delete(id);
    return true;
  }

  /** Removes a job that is over, with its rows and results. */
  remove(id: string): Promise<void> {
    this.#statistics.delete(id);
    this.#unlabelled.delete(id);
    return this.#store.remove(id);
  }

  get(id: string): Promise<JobRecord | undefined> {
    return this.#store.get(id);
  }

  list(...args: Parameters<JobStore["list"]>): Promise<JobRecord[]> {
    return this.#store.list(...args);
  }

  results(id: string) {
    return this.#store.results(id);
  }

  /** Statistics of the rows that are answered and have labels. Read from the rows, again only where there are more of them. */
  async statistics({ id, done }: JobRecord): Promise<ErrorStatistics> {
    const known = this.#statistics.get(id);
    if (known?.done === done) return known.statistics;
    const cells = new ErrorCells();
    for await (const { y_pred: predictions, y_true: labels } of this.#store.results(id)) {
      if (labels === undefined) continue;
      for (let i = 0; i < predictions.length; i += 1) {
        const yTrue = labels[i] ?? Number.NaN;
        const yPred = predictions[i] ?? Number.NaN;
        if (!Number.isNaN(yTrue) && !Number.isNaN(yPred)) cells.add(yTrue, yPred);
      }
    }
    const { statistics } = cells;
    if (this.#statistics.size > 100) this.#statistics.clear();
    this.#statistics.set(id, { done, statistics });
    return statistics;
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
      await this.#store.sentBefore(job.id, job.next, signal);
    }
    while (!job.stopped && !signal.aborted && job.chunksOpen.length > 0) await job.changed;
    if (!job.stopped && !signal.aborted) await this.#finish(job);
  }

  /** Resolves when the chunk's rows and labels are confirmed. */
  async #send(job: ActiveJob, n: number): Promise<void> {
    const { publisher } = this.#options;
    const { signal } = this.#ending;
    const chunk = await this.#store.message(job.id, n, signal);
    if (chunk === undefined) return;
    const { first_row: firstRow, rows, body, content_type: contentType, y_true: labels } = chunk;
    job.open(n, firstRow, rows);
    const now = Date.now();
    const headers = { [FRAME_HEADER.version]: CONTRACT_VERSION, [FRAME_HEADER.origin]: now };
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

  /** Sends again what nobody works on any more: a queue was emptied by hand, or forgot what it could not keep. */
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
      if (record.done > 0) await this.#store.move(job.id, ["running"], "succeeded");
      else await this.#store.move(job.id, ["running"], "failed", { reason: await this.#firstReason(job.id) });
    }, signal);
    this.#active.delete(job.id);
  }

  async #firstReason(id: string): Promise<string> {
    for await (const { reason } of this.#store.results(id)) if (reason !== null) return reason;
    return "No row got a prediction.";
  }

  get expectsAnswers(): boolean {
    return this.#active.size > 0;
  }

  get expectsLabels(): boolean {
    return this.#unlabelled.size > 0;
  }

  async takePredictions({ ids, y_pred: values, model }: PredictionFrame): Promise<void> {
    await this.#take(ids, (job, rows, positions) => job.take(rows, (i) => values[positions[i] ?? 0] ?? Number.NaN, model));
  }

  async takeRefused(ids: Ids, reason: string): Promise<void> {
    await this.#take(ids, (job, rows) => job.refuse(rows, reason));
  }

  /** Labels of rows whose upload had none. Where a job's rows had labels, these come back here, and are passed over. */
  async takeLabels({ ids, y_true: values }: LabelFrame): Promise<void> {
    const stored: Promise<undefined>[] = [];
    for (let i = 0; i < ids.length; i += 1) {
      const id = ids.at(i);
      const dash = id.lastIndexOf("-");
      const row = Number(id.slice(dash + 1));
      const jobId = id.slice(0, Math.max(0, dash));
      if (!this.#unlabelled.has(jobId) || !Number.isSafeInteger(row) || row < 0 || row > MAX_ROW) continue;
      stored.push(this.#labels.add({ jobId, row, y_true: values[i] ?? Number.NaN }));
    }
    await Promise.all(stored);
  }

  /** Gives each job the rows that are its own, and resolves when what they complete is stored. */
  async #take(
    ids: Ids,
    give: (job: ActiveJob, rows: readonly number[], positions: readonly number[]) => ReturnType<ActiveJob["take"]>,
  ): Promise<void> {
    const found = new Map<ActiveJob, { readonly rows: number[]; readonly positions: number[] }>();
    for (let i = 0; i < ids.length; i += 1) {
      const id = ids.at(i);
      const dash = id.lastIndexOf("-");
      const job = dash < 0 ? undefined : this.#active.get(id.slice(0, dash));
      if (job === undefined) continue;
      const own = found.get(job) ?? { rows: [], positions: [] };
      found.set(job, own);
      own.rows.push(Number(id.slice(dash + 1)));
      own.positions.push(i);
    }
    const settled: Promise<unknown>[] = [];
    for (const [job, { rows, positions }] of found) {
      const taken = give(job, rows, positions);
      settled.push(...taken.settled);
      for (const result of taken.complete) settled.push(this.#results.add(result));
    }
    await Promise.all(settled);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    clearInterval(this.#look);
    for (const job of this.#active.values()) job.wake();
    await Promise.all(this.#running);
  }
}
