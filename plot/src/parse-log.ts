import { CsvError } from "csv-parse";
import { parse } from "csv-parse/sync";
import { eachRecord, hasQuote } from "./log-records.js";

/** The columns of the log, in order, as its first line names them. */
export const LOG_COLUMNS = ["id", "y_true", "y_pred", "absolute_error"] as const;

const COLUMNS = LOG_COLUMNS.length;
const NUMBER = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** What records of the log held. */
export interface ParsedLog {
  /** Zero or more, in the target's unit; Infinity where `y_true` and `y_pred` are further apart than the largest double. */
  readonly absoluteErrors: Float64Array;
  /** Records without four columns or without a number in the last one, and records that are not CSV. */
  readonly malformed: number;
}

/**
 * Reads complete records of the log.
 *
 * @param bytes - whole records of `id,y_true,y_pred,absolute_error` in RFC 4180, without the header.
 * @returns the absolute errors, not always in the log's order. `y_true` and `y_pred` are looked at only where the error is infinite.
 */
export function parseLog(bytes: Buffer): ParsedLog {
  if (!hasQuote(bytes)) return readErrors(splitPlain(bytes));
  const records = parseCsv(bytes);
  return records === undefined ? parseEachRecord(bytes) : readErrors(records);
}

/**
 * Without quotes RFC 4180 is lines and commas. Measured four times as fast as csv-parse (docs/adr).
 * Latin-1 is the cheapest decoding and leaves digits, commas and newlines what they are; the other bytes of an id are not needed.
 */
function splitPlain(bytes: Buffer): string[][] {
  if (bytes.length === 0) return [];
  const lines = bytes.toString("latin1", 0, bytes.length - 1).split("\n");
  return lines.map((line) => line.split(","));
}

/** One quote in the wrong place makes csv-parse refuse everything; quoted records are therefore read one by one, the others at once. */
function parseEachRecord(bytes: Buffer): ParsedLog {
  const plain: Buffer[] = [];
  const records: string[][] = [];
  let malformed = 0;
  for (const record of eachRecord(bytes)) {
    if (!hasQuote(record)) {
      plain.push(record);
      continue;
    }
    const parsed = parseCsv(record);
    if (parsed === undefined) malformed += 1;
    else records.push(...parsed);
  }
  const read = readErrors(records.concat(splitPlain(Buffer.concat(plain))));
  return { absoluteErrors: read.absoluteErrors, malformed: malformed + read.malformed };
}

/** The fields of records; nothing when a quote is in the wrong place. */
export function parseCsv(bytes: Buffer): string[][] | undefined {
  try {
    // A carriage return within an id would otherwise be taken for the end of every record.
    return parse(bytes, { relax_column_count: true, record_delimiter: "\n" });
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    throw error;
  }
}

function readErrors(records: readonly (readonly string[])[]): ParsedLog {
  const absoluteErrors = new Float64Array(records.length);
  let rows = 0;
  for (const record of records) {
    const text = record[COLUMNS - 1];
    if (text === undefined || record.length !== COLUMNS) continue;
    const value = NUMBER.test(text) || text === "Infinity" ? Number(text) : Number.NaN;
    // Text such as 1e999 is a number by its form and Infinity as a double; metrics writes it where the difference is.
    if (Number.isNaN(value) || (value === Infinity && !isBeyond(record))) continue;
    absoluteErrors[rows] = value;
    rows += 1;
  }
  return { absoluteErrors: absoluteErrors.subarray(0, rows), malformed: records.length - rows };
}

/** Whether both values are finite, and their difference is not. */
function isBeyond([, yTrue = "", yPred = ""]: readonly string[]): boolean {
  const [truth, prediction] = [Number(yTrue), Number(yPred)];
  return yTrue !== "" && yPred !== "" && Number.isFinite(truth) && Number.isFinite(prediction) && Math.abs(truth - prediction) === Infinity;
}
