import type { ColumnType } from "kysely";

/** A column that is written once and never changed. */
type Fixed<T> = ColumnType<T, T, never>;

/** The tables of the gateway, as the migrations make them. */
export interface Tables {
  predictions: PredictionTable;
  jobs: JobTable;
  job_chunks: JobChunkTable;
}

export interface PredictionTable {
  id: Fixed<string>;
  created_at: Fixed<Date>;
  expires_at: Fixed<Date>;
  /** What stands until an answer came: `pending`, then `succeeded` or `failed`. One that is pending past its time is expired. */
  status: "pending" | "succeeded" | "failed";
  /** The inputs, as JSON. */
  features: Fixed<string>;
  y_pred: number | null;
  model: string | null;
  answered_at: Date | null;
  y_true: number | null;
  absolute_error: ColumnType<number | null, never, never>;
  reason: string | null;
}

export type JobStatus = "created" | "running" | "succeeded" | "failed" | "cancelled";

export interface JobTable {
  id: Fixed<string>;
  name: Fixed<string>;
  created_at: Fixed<Date>;
  /** `uploading` while its rows are not all stored; such a job is seen by nobody. */
  status: JobStatus | "uploading";
  rows: number;
  chunks: number;
  /** The first chunk that is not known to be sent. */
  next_chunk: number;
  /** Rows with a prediction, and rows that will get none. */
  done: number;
  failed: number;
  started_at: Date | null;
  finished_at: Date | null;
  reason: string | null;
}

export interface JobChunkTable {
  job_id: Fixed<string>;
  n: Fixed<number>;
  /** The number of its first row in the job, from 0. */
  first_row: Fixed<number>;
  rows: Fixed<number>;
  /** The message that has it scored, and its content type. */
  body: Fixed<Uint8Array>;
  content_type: Fixed<string>;
  /** Whether its cells are those of a text file. */
  as_written: Fixed<boolean>;
  /** The rows' own ids as a JSON array, where the upload had some. */
  ids: Fixed<string | null>;
  /** Float64, little endian, NaN where there is none. */
  y_true: Uint8Array | null;
  /** Rows that a label may still come for. */
  unlabelled: number;
  y_pred: Uint8Array | null;
  /** Why rows without a prediction have none, in chunks of earlier versions: one text for all. */
  reason: Fixed<string | null>;
  /** The same for each row, as JSON: a list of a text and the places of its rows; null where there is none. */
  reasons: string | null;
  model: string | null;
}
