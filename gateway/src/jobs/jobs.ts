import { randomBytes } from "node:crypto";
import { AS_WRITTEN, FRAME_HEADER, type Closable, type HeaderValue } from "@streamgauge/core";
import type { RawItem } from "../ingress/raw-items.js";
import type { WrittenRows } from "../ingress/row-table.js";
import { bytesOf, JobStore, type JobRecord } from "../store/job-store.js";
import { JobAnswers } from "./job-answers.js";
import { JobRunner, type JobRunnerOptions } from "./job-runner.js";
import { KnownStatistics, type JobStatistics } from "./job-statistics.js";
import { Upload, type Chunk } from "./upload.js";

/** An upload has no usable row. */
export class NoRowsError extends Error {
  override readonly name = "NoRowsError";
  readonly upload: Upload;

  constructor(upload: Upload) {
    super("The job has no row that can be used.");
    this.upload = upload;
  }
}

/** The rows of a new job. */
export interface JobRows {
  readonly rows: AsyncIterable<readonly RawItem[]>;
  /** If they come from a text file, where a cell may be a number or text. */
  readonly csv?: WrittenRows;
}

/** Files of rows that are scored through the pipeline. Their whole state is in the database: a job survives any restart. */
export class Jobs implements Closable {
  /** Receives the pipeline's answers for rows of jobs. */
  readonly answers: JobAnswers;
  readonly #store: JobStore;
  readonly #runner: JobRunner;
  readonly #statistics: KnownStatistics;
  readonly #ending = new AbortController();

  constructor(options: JobRunnerOptions) {
    const store = new JobStore(options.database);
    this.#store = store;
    this.#runner = new JobRunner(options, store);
    this.#statistics = new KnownStatistics((id) => store.results(id));
    this.answers = new JobAnswers(store, this.#runner.active, (id) => this.#statistics.forget(id));
  }

  /** Resumes the jobs that ran before the start. */
  async recover(): Promise<void> {
    const { signal } = this.#ending;
    await this.#store.removeUnfinishedUploads(signal);
    for (const id of await this.#store.unlabelled(signal)) this.answers.expectLabels(id);
    await this.#runner.recover();
  }

  /**
   * Stores the rows of an upload as a job.
   *
   * @throws NoRowsError; any error of reading the upload. Nothing of it is kept then.
   */
  async create(name: string, { rows, csv }: JobRows): Promise<{ readonly job: JobRecord; readonly upload: Upload }> {
    const id = `j${BigInt(`0x${randomBytes(8).toString("hex")}`).toString(36)}`;
    const upload = new Upload(id, csv);
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
    if (!upload.isLabelled) this.answers.expectLabels(id);
    const job = await this.#store.get(id);
    if (job === undefined) throw new Error(`The job ${id} vanished.`);
    return { job, upload };
  }

  #addChunk(id: string, { n, firstRow, rows, body, contentType, headers, ids, y_true: labels }: Chunk): Promise<void> {
    return this.#store.addChunk({
      job_id: id,
      n,
      first_row: firstRow,
      rows,
      body,
      content_type: contentType,
      as_written: headers[FRAME_HEADER.cells] === AS_WRITTEN,
      python_floats: textOf(headers[FRAME_HEADER.pythonFloats]),
      ids: ids === undefined ? null : JSON.stringify(ids),
      y_true: labels === undefined ? null : bytesOf(labels),
      y_pred: null,
      reason: null,
      reasons: null,
      model: null,
    });
  }

  /** Starts a job, or goes on with it if the database failed after its state changed. @returns false if it was not waiting for that. */
  async run(id: string): Promise<boolean> {
    const isMoved = await this.#store.move(id, ["created"], "running");
    const record = await this.#store.get(id);
    if (record?.status !== "running") return isMoved;
    if (!isMoved) return this.#runner.resume(record);
    this.#runner.start(record);
    return true;
  }

  /** Cancels a job. @returns false if it was already over. */
  async cancel(id: string): Promise<boolean> {
    if (!(await this.#store.move(id, ["created", "running"], "cancelled"))) return false;
    this.#runner.stop(id);
    return true;
  }

  /** Removes a finished job with its rows and results. */
  async remove(id: string): Promise<void> {
    this.answers.forget(id);
    await this.#store.remove(id);
    this.#statistics.forget(id);
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

  /** Statistics of the answered rows that have labels. */
  statistics(job: JobRecord): Promise<JobStatistics> {
    return this.#statistics.of(job);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.answers.close();
    await this.#runner.close();
  }
}

function textOf(header: HeaderValue | undefined): string | null {
  return header === undefined ? null : String(header);
}
