import type { ColumnType } from "kysely";

/** A column that is written once and never changed. */
type Fixed<T> = ColumnType<T, T, never>;

/** The gateway's tables, as the migrations create them. */
export interface Tables {
  predictions: PredictionTable;
  inferences: InferenceTable;
  jobs: JobTable;
  job_chunks: JobChunkTable;
  windows: WindowTable;
  feature_windows: FeatureWindowTable;
  feature_references: FeatureReferenceTable;
}

export interface PredictionTable {
  id: Fixed<string>;
  created_at: Fixed<Date>;
  expires_at: Fixed<Date>;
  /** `pending` until the answer, then `succeeded` or `failed`. A pending row past its time counts as expired. */
  status: "pending" | "succeeded" | "failed";
  /** Inputs as JSON. */
  features: Fixed<string>;
  /** When the row happened, in ms since 1970. */
  event_time: Fixed<number | null>;
  y_pred: number | null;
  /** Half the width of the interval that was announced with it. */
  half_width: number | null;
  model: string | null;
  answered_at: Date | null;
  /** The first label, and the one that corrects it, made at `corrected_at`, in ms since 1970. */
  y_true: number | null;
  corrected_y_true: number | null;
  corrected_at: number | null;
  absolute_error: ColumnType<number | null, never, never>;
  reason: string | null;
}

/** An inference request of several rows. Columns of bytes are packed: see packed-columns.ts. */
export interface InferenceTable {
  /** The prefix of its rows' ids. */
  id: Fixed<string>;
  rows: Fixed<number>;
  created_at: Fixed<Date>;
  expires_at: Fixed<Date>;
  /** When the last answer came. */
  answered_at: Date | null;
  features: Fixed<Uint8Array>;
  /** `event_time`, in ms since 1970. */
  event_times: Fixed<Uint8Array | null>;
  /** `y_pred`, and `half_width` if a row has one; NaN if missing. */
  answers: Uint8Array;
  model: string;
  /** The models of rows that another one answered, and the reasons of those without a prediction, by row: see texts-by-row.ts. */
  other_models: string | null;
  reasons: string | null;
  /** Rows with a prediction, and rows that get none; the others wait, or their time is over. */
  succeeded: number;
  failed: number;
  /** `y_true`, `corrected`, `corrected_at`, NaN if missing; null if there are none. */
  labels: Uint8Array | null;
  /** The range of the absolute errors; an error beyond a double counts as infinite. */
  least_error: number | null;
  greatest_error: number | null;
}

export type JobStatus = "created" | "running" | "succeeded" | "failed" | "cancelled";

export interface JobTable {
  id: Fixed<string>;
  name: Fixed<string>;
  created_at: Fixed<Date>;
  /** `uploading` until all of its rows are stored; such a job is hidden. */
  status: JobStatus | "uploading";
  rows: number;
  chunks: number;
  /** The first chunk not known to be sent. */
  next_chunk: number;
  /** Rows with a prediction, and rows that get none. */
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
  /** The message to score it, and its content type. */
  body: Fixed<Uint8Array>;
  content_type: Fixed<string>;
  /** Whether its cells come from a text file. */
  as_written: Fixed<boolean>;
  /** The columns in which Python wrote floats, as its message names them. */
  python_floats: Fixed<string | null>;
  /** The rows' own ids as a JSON array, if the upload had some. */
  ids: Fixed<string | null>;
  /** Float64, little endian, NaN if missing. */
  y_true: Uint8Array | null;
  /** Rows that may still get a label. */
  unlabelled: number;
  y_pred: Uint8Array | null;
  /** One reason for all rows without a prediction, in chunks of earlier versions. */
  reason: Fixed<string | null>;
  /** Reasons by row, as JSON: a list of texts with the indexes of their rows; null if there are none. */
  reasons: string | null;
  model: string | null;
}

export interface WindowTable {
  lane: string;
  partition: string;
  size: string;
  /** ms since 1970, as all times here. */
  start: number;
  /** What is newest has the latest epoch, and of it the largest revision. */
  epoch: number;
  revision: number;
  final_at: number;
  /** The window as metrics sent it, and its figures; JSON. */
  body: string;
  figures: string;
}

export interface FeatureWindowTable {
  lane: string;
  partition: string;
  model: string;
  /** What its codes mean; it begins with the hash of the reference. */
  layout: string;
  start: number;
  /** What is newest has the latest epoch, and of it the largest revision. */
  epoch: number;
  revision: number;
  predicted: number;
  labelled: number;
  /** The window as metrics sent it; JSON. */
  body: string;
}

export interface FeatureReferenceTable {
  hash: Fixed<string>;
  /** JSON. */
  body: Fixed<string>;
}
