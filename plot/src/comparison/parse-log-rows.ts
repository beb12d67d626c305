import { eachRecord, hasQuote } from "../log-records.js";
import { LOG_COLUMNS, parseCsv } from "../parse-log.js";
import type { LoggedRow } from "./pair-join.js";

/** What records of the log held. */
export interface ParsedRows {
  readonly rows: readonly LoggedRow[];
  /** Records that are no rows. */
  readonly malformed: number;
}

/** Reads complete records of the log. @param bytes - whole records in RFC 4180, without the header. */
export function parseLogRows(bytes: Buffer): ParsedRows {
  const rows: LoggedRow[] = [];
  let malformed = 0;
  const take = (record: readonly string[] | undefined) => {
    const row = record === undefined ? undefined : rowOf(record);
    if (row === undefined) malformed += 1;
    else rows.push(row);
  };
  if (bytes.length === 0) return { rows, malformed };
  if (!hasQuote(bytes)) {
    for (const line of bytes.toString("utf8", 0, bytes.length - 1).split("\n")) take(line.split(","));
    return { rows, malformed };
  }
  for (const record of eachRecord(bytes)) {
    if (hasQuote(record)) take(parseCsv(record)?.[0]);
    else take(record.toString("utf8", 0, record.length - 1).split(","));
  }
  return { rows, malformed };
}

function rowOf(record: readonly string[]): LoggedRow | undefined {
  const [id = "", yTrue = "", , error = ""] = record;
  const row = { id, yTrue: Number(yTrue), absoluteError: Number(error) };
  const isRow =
    record.length === LOG_COLUMNS.length && yTrue !== "" && error !== "" && Number.isFinite(row.yTrue) && !Number.isNaN(row.absoluteError);
  return isRow ? row : undefined;
}
