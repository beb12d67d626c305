import { sql, type Insertable, type Selectable } from "kysely";
import type { Database } from "./database.js";
import type { PagePosition } from "./prediction-store.js";
import type { JobChunkTable, JobStatus, JobTable } from "./schema.js";
import { readTextsByRow, writeTextsByRow } from "./texts-by-row.js";

/** A job as stored. */
export type JobRecord = Omit<Selectable<JobTable>, "status"> & { readonly status: JobStatus };

/** The results of a chunk. */
export interface ChunkResult {
  readonly jobId: string;
  readonly n: number;
  readonly y_pred: Uint8Array;
  readonly model: string;
  /** Reasons of rows without a prediction, by index in the chunk. */
  readonly reasons: ReadonlyMap<number, string>;
  /** Number of rows with a prediction, and without. */
  readonly done: number;
  readonly failed: number;
}

/** A label that arrived after the upload of its row. */
export interface RowLabel {
  readonly jobId: string;
  readonly row: number;
  readonly y_true: number;
}

/** Jobs and their rows in the database. A chunk's results are written once, when all of its rows are answered. */
export class JobStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async create(id: string, name: string): Promise<void> {
    const job = { id, name, created_at: new Date(), status: "uploading", rows: 0, chunks: 0, next_chunk: 0, done: 0, failed: 0 } as const;
    await this.#database.run((db) => db.insertInto("jobs").values(job).execute());
  }

  async addChunk(chunk: Omit<Insertable<JobChunkTable>, "unlabelled">): Promise<void> {
    const { y_true: labels, rows } = chunk;
    const unlabelled = labels === null || labels === undefined ? rows : missingIn(float64(labels));
    await this.#database.run((db) =>
      db
        .insertInto("job_chunks")
        .values({ ...chunk, unlabelled })
        .execute(),
    );
  }

  /** Marks an upload as complete. */
  async complete(id: string, rows: number, chunks: number): Promise<void> {
    await this.#database.run((db) => db.updateTable("jobs").set({ status: "created", rows, chunks }).where("id", "=", id).execute());
  }

  /** Removes a job with its rows and results. */
  async remove(id: string): Promise<void> {
    await this.#database.run((db) => db.deleteFrom("jobs").where("id", "=", id).execute());
  }

  /** Removes uploads that did not finish. */
  async removeUnfinishedUploads(signal: AbortSignal): Promise<void> {
    await this.#database.runUntilDone((db) => db.deleteFrom("jobs").where("status", "=", "uploading").execute(), signal);
  }

  async get(id: string): Promise<JobRecord | undefined> {
    const job = await this.#database.run((db) => db.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst());
    return job === undefined ? undefined : recordOf(job);
  }

  /** Newest first. */
  async list(status: JobStatus | undefined, after: PagePosition | undefined, most: number): Promise<JobRecord[]> {
    const jobs = await this.#database.run((db) => {
      let query = db
        .selectFrom("jobs")
        .selectAll()
        .where("status", "!=", "uploading")
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(most);
      if (status !== undefined) query = query.where("status", "=", status);
      if (after !== undefined) query = query.where(sql<boolean>`(created_at, id) < (${new Date(after.createdAt)}, ${after.id})`);
      return query.execute();
    });
    return jobs.map(recordOf).filter((job) => job !== undefined);
  }

  async running(signal: AbortSignal): Promise<JobRecord[]> {
    const jobs = await this.#database.runUntilDone(
      (db) => db.selectFrom("jobs").selectAll().where("status", "=", "running").execute(),
      signal,
    );
    return jobs.map(recordOf).filter((job) => job !== undefined);
  }

  /** Changes a job's state if it is in one of the states `from`. @returns whether it was. */
  async move(id: string, from: readonly JobStatus[], to: JobStatus, more: { readonly reason?: string } = {}): Promise<boolean> {
    const time = to === "running" ? { started_at: new Date() } : { finished_at: new Date() };
    const { numUpdatedRows } = await this.#database.run((db) =>
      db
        .updateTable("jobs")
        .set({ status: to, ...time, ...more })
        .where("id", "=", id)
        .where("status", "in", [...from])
        .executeTakeFirst(),
    );
    return numUpdatedRows > 0n;
  }

  /** Records that the chunks before `chunk` are sent. @returns whether the job still runs. */
  async sentBefore(id: string, chunk: number, signal: AbortSignal): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.runUntilDone(
      (db) => db.updateTable("jobs").set({ next_chunk: chunk }).where("id", "=", id).where("status", "=", "running").executeTakeFirst(),
      signal,
    );
    return numUpdatedRows > 0n;
  }

  /** A chunk's message and labels; undefined if the job is gone. */
  async message(id: string, n: number, signal: AbortSignal) {
    return this.#database.runUntilDone(
      (db) =>
        db
          .selectFrom("job_chunks")
          .select(["n", "first_row", "rows", "body", "content_type", "as_written", "python_floats", "y_true"])
          .where("job_id", "=", id)
          .where("n", "=", n)
          .executeTakeFirst(),
      signal,
    );
  }

  /** Chunks that were sent and have no results yet. */
  async unanswered(
    id: string,
    before: number,
    signal: AbortSignal,
  ): Promise<{ readonly n: number; readonly first_row: number; readonly rows: number }[]> {
    return this.#database.runUntilDone(
      (db) =>
        db
          .selectFrom("job_chunks")
          .select(["n", "first_row", "rows"])
          .where("job_id", "=", id)
          .where("n", "<", before)
          .where("y_pred", "is", null)
          .orderBy("n")
          .execute(),
      signal,
    );
  }

  /** Stores and counts the results of chunks, each once. */
  async answer(results: readonly ChunkResult[], signal: AbortSignal): Promise<void> {
    await this.#database.runUntilDone(
      (db) =>
        db.transaction().execute(async (transaction) => {
          for (const { jobId, n, y_pred, model, reasons, done, failed } of results) {
            const { numUpdatedRows } = await transaction
              .updateTable("job_chunks")
              .set({ y_pred, model, reasons: writeTextsByRow(reasons) })
              .where("job_id", "=", jobId)
              .where("n", "=", n)
              .where("y_pred", "is", null)
              .executeTakeFirst();
            if (numUpdatedRows === 0n) continue;
            await transaction
              .updateTable("jobs")
              .set((row) => ({ done: row("done", "+", done), failed: row("failed", "+", failed) }))
              .where("id", "=", jobId)
              .execute();
          }
        }),
      signal,
    );
  }

  /** Jobs that have rows without labels. */
  async unlabelled(signal: AbortSignal): Promise<string[]> {
    const jobs = await this.#database.runUntilDone(
      (db) => db.selectFrom("job_chunks").select("job_id").distinct().where("unlabelled", ">", 0).execute(),
      signal,
    );
    return jobs.map(({ job_id: id }) => id);
  }

  /** Stores labels of rows that have none. */
  async label(labels: readonly RowLabel[], signal: AbortSignal): Promise<void> {
    const ofJobs = new Map<string, RowLabel[]>();
    for (const label of labels) {
      const ofJob = ofJobs.get(label.jobId);
      if (ofJob === undefined) ofJobs.set(label.jobId, [label]);
      else ofJob.push(label);
    }
    await this.#database.runUntilDone(
      (db) =>
        db.transaction().execute(async (transaction) => {
          for (const [id, ofJob] of ofJobs) {
            const rows = ofJob.map(({ row }) => row);
            const chunks = await transaction
              .selectFrom("job_chunks")
              .select(["n", "first_row", "rows", "y_true"])
              .where("job_id", "=", id)
              .where("first_row", "<=", Math.max(...rows))
              .where(sql<boolean>`first_row + rows > ${Math.min(...rows)}`)
              .where("unlabelled", ">", 0)
              .execute();
            for (const { n, first_row: first, rows: count, y_true: stored } of chunks) {
              const values = stored === null ? new Float64Array(count).fill(Number.NaN) : float64(stored);
              for (const { row, y_true: value } of ofJob) if (Number.isNaN(values[row - first])) values[row - first] = value;
              await transaction
                .updateTable("job_chunks")
                .set({ y_true: bytesOf(values), unlabelled: missingIn(values) })
                .where("job_id", "=", id)
                .where("n", "=", n)
                .execute();
            }
          }
        }),
      signal,
    );
  }

  /** The results so far, chunk by chunk, in row order. */
  async *results(id: string) {
    for (let n = -1; ;) {
      const after = n;
      const [chunk] = await this.#database.run((db) =>
        db
          .selectFrom("job_chunks")
          .select(["n", "first_row", "rows", "ids", "y_true", "y_pred", "reason", "reasons"])
          .where("job_id", "=", id)
          .where("n", ">", after)
          .where("y_pred", "is not", null)
          .orderBy("n")
          .limit(1)
          .execute(),
      );
      if (chunk?.y_pred === undefined || chunk.y_pred === null) return;
      const { reason, reasons, ...others } = chunk;
      yield {
        ...others,
        y_pred: float64(chunk.y_pred),
        y_true: chunk.y_true === null ? undefined : float64(chunk.y_true),
        reasonOf: readReasons(reasons, reason),
      };
      n = chunk.n;
    }
  }
}

function recordOf({ status, ...job }: Selectable<JobTable>): JobRecord | undefined {
  return status === "uploading" ? undefined : { ...job, status };
}

/** The number of missing values. */
function missingIn(values: Float64Array): number {
  return values.reduce((missing, value) => missing + Number(Number.isNaN(value)), 0);
}

/** A bytea column as numbers, copied: its bytes may begin anywhere in a larger buffer. */
export function float64(bytes: Uint8Array): Float64Array {
  return new Float64Array(Uint8Array.from(bytes).buffer);
}

/** Numbers as a bytea column. */
export function bytesOf(values: Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** The reason of a row, by index in the chunk. @param ofAll - one reason for all rows without a prediction, from an earlier version. */
function readReasons(text: string | null, ofAll: string | null): (at: number) => string {
  const reasons = readTextsByRow(text);
  return (at) => reasons.get(at) ?? ofAll ?? "";
}
