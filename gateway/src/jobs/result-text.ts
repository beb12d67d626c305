import { csvField, Ids, writeArrowBody } from "@streamgauge/core";
import type { Jobs } from "./jobs.js";
import { jobRowId } from "./row-id.js";

export type ResultFormat = "csv" | "ndjson" | "arrow";

/** Some rows of a job with their results. */
type ResultChunk = Awaited<ReturnType<ReturnType<Jobs["results"]>["next"]>>["value"] & object;

interface ResultRow {
  readonly row: number;
  readonly id: string;
  readonly y_pred: number;
  readonly y_true: number;
  readonly reason: string;
}

/** A job's results as text or bytes, chunk by chunk. */
export async function* resultsAs(
  format: ResultFormat,
  job: string,
  chunks: AsyncIterable<ResultChunk>,
): AsyncGenerator<string | Buffer, void> {
  if (format === "arrow") yield* arrowStream(job, chunks);
  else {
    if (format === "csv") yield "row,id,y_pred,y_true,absolute_error,reason\n";
    const line = format === "csv" ? csvLine : jsonLine;
    for await (const chunk of chunks) yield rowsOf(job, chunk).map(line).join("");
  }
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
 * only in their batches, so the first schema and all batches form one stream.
 */
async function* arrowStream(job: string, chunks: AsyncIterable<ResultChunk>): AsyncGenerator<Buffer, void> {
  let first = true;
  for await (const chunk of chunks) {
    const rows = rowsOf(job, chunk);
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
