import { ARROW_TYPE, csvField, Ids, writeArrowBody } from "@streamgauge/core";
import type { Jobs } from "./jobs.js";
import { jobRowId } from "./row-id.js";

/** Some rows of a job with their results. */
type ResultChunk = Awaited<ReturnType<ReturnType<Jobs["results"]>["next"]>>["value"] & object;

interface ResultRow {
  readonly row: number;
  readonly id: string;
  /** NaN if there is none; so is `y_true`. */
  readonly y_pred: number;
  readonly y_true: number;
  /** Why there is no prediction; empty if there is one. */
  readonly reason: string;
}

/** How results are written for a client. */
interface ResultFormat {
  readonly contentType: string;
  /** A whole file, a part for each chunk of rows. */
  write(chunks: AsyncIterable<readonly ResultRow[]>): AsyncGenerator<string | Buffer, void>;
}

/** The names of the formats, which are also the endings of the files. */
export const RESULT_FORMAT_NAMES = ["csv", "ndjson", "arrow"] as const;

export type ResultFormatName = (typeof RESULT_FORMAT_NAMES)[number];

export const RESULT_FORMATS: Readonly<Record<ResultFormatName, ResultFormat>> = {
  csv: {
    contentType: "text/csv; charset=utf-8",
    write: (chunks) => lines(chunks, csvLine, "row,id,y_pred,y_true,absolute_error,reason\n"),
  },
  ndjson: { contentType: "application/x-ndjson", write: (chunks) => lines(chunks, jsonLine) },
  arrow: { contentType: ARROW_TYPE, write: arrowStream },
};

/** A job's results as text or bytes, chunk by chunk. */
export function resultsAs(
  format: ResultFormatName,
  job: string,
  chunks: AsyncIterable<ResultChunk>,
): AsyncGenerator<string | Buffer, void> {
  return RESULT_FORMATS[format].write(rowsIn(job, chunks));
}

async function* rowsIn(job: string, chunks: AsyncIterable<ResultChunk>): AsyncGenerator<readonly ResultRow[], void> {
  for await (const chunk of chunks) yield rowsOf(job, chunk);
}

/** A line for each row, below the heading. */
async function* lines(
  chunks: AsyncIterable<readonly ResultRow[]>,
  line: (row: ResultRow) => string,
  heading = "",
): AsyncGenerator<string, void> {
  if (heading !== "") yield heading;
  for await (const rows of chunks) yield rows.map(line).join("");
}

function rowsOf(job: string, { first_row: first, rows, ids, y_pred: predictions, y_true: labels, reasonOf }: ResultChunk): ResultRow[] {
  const own: readonly (string | null)[] = ids === null ? [] : JSON.parse(ids);
  return Array.from({ length: rows }, (_, i) => {
    const y_pred = predictions[i] ?? Number.NaN;
    const id = own[i] ?? jobRowId(job, first + i);
    return { row: first + i, id, y_pred, y_true: labels?.[i] ?? Number.NaN, reason: Number.isNaN(y_pred) ? reasonOf(i) : "" };
  });
}

function csvLine({ row, id, y_pred: yPred, y_true: yTrue, reason }: ResultRow): string {
  const number = (value: number) => (Number.isNaN(value) ? "" : String(value));
  return `${row},${csvField(id)},${number(yPred)},${number(yTrue)},${number(Math.abs(yPred - yTrue))},${csvField(reason)}\n`;
}

function jsonLine({ row, id, y_pred: yPred, y_true: yTrue, reason }: ResultRow): string {
  const fields: Record<string, unknown> = { row, id };
  if (!Number.isNaN(yPred)) fields["y_pred"] = yPred;
  if (!Number.isNaN(yTrue)) fields["y_true"] = yTrue;
  if (!Number.isNaN(yPred - yTrue)) fields["absolute_error"] = Math.abs(yPred - yTrue);
  if (reason !== "") fields["reason"] = reason;
  return `${JSON.stringify(fields)}\n`;
}

/** The end of an Arrow IPC stream: a continuation marker and no metadata. */
const END_BYTES = 8;

/**
 * One Arrow IPC stream with one batch per chunk: `id`, `y_pred` and `y_true`, NaN if missing. Streams of the same columns differ
 * only in their batches, so the first schema and all batches form one stream: a codec writes single frames, each with a schema.
 */
async function* arrowStream(chunks: AsyncIterable<readonly ResultRow[]>): AsyncGenerator<Buffer, void> {
  let first = true;
  for await (const rows of chunks) {
    const stream = streamOf(rows);
    yield stream.subarray(first ? 0 : schemaBytes(stream), stream.length - END_BYTES);
    first = false;
  }
  const none = streamOf([]);
  yield first ? none : none.subarray(none.length - END_BYTES);
}

function streamOf(rows: readonly ResultRow[]): Buffer {
  return writeArrowBody(Ids.of(rows.map(({ id }) => id)), [
    ["y_pred", Float64Array.from(rows, (row) => row.y_pred)],
    ["y_true", Float64Array.from(rows, (row) => row.y_true)],
  ]);
}

/** A message is a continuation marker, the length of its metadata, and the metadata; a schema has no body. */
function schemaBytes(stream: Buffer): number {
  return 8 + stream.readInt32LE(4);
}
