import { CsvRefusedError, listedNames, parseJsonBody } from "@streamgauge/core";
import type { FastifyRequest } from "fastify";
import { frameItems } from "../ingress/frame-items.js";
import {
  itemsOfCsv,
  itemsOfJson,
  itemsOfLines,
  rowOfRecord,
  type ItemOfRecord,
  type RawItem,
  type RecordColumns,
} from "../ingress/raw-items.js";
import { isRecord, type WrittenRows } from "../ingress/row-table.js";
import { bodyOf } from "./ingress-routes.js";
import { ProblemError } from "./problem.js";

/** The label column of a CSV file, unless the request names another. */
export const DEFAULT_TARGET = "y_true";

export interface UploadedRows {
  /** The name in the body. */
  readonly given?: string;
  readonly rows: AsyncIterable<readonly RawItem[]>;
  /** If the rows come from CSV, where a cell may be a number or text. */
  readonly csv?: WrittenRows;
}

/** The rows of an upload, by its content type. @param columns - how those of CSV are meant. */
export function rowsIn(request: FastifyRequest, target: string, columns: RecordColumns): UploadedRows {
  const body = bodyOf(request);
  if ("stream" in body) {
    if (body.form === "ndjson") return { rows: itemsOfLines(body.stream) };
    return { rows: itemsOfCsv(body.stream, (header) => labelledRow(header, target, columns)), csv: columns };
  }
  if (body.form === "frame") return { rows: once(frameItems(body)) };
  const value = parseJsonBody(body.bytes);
  if (!isRecord(value) || !Array.isArray(value["rows"])) throw new ProblemError(400, 'The body is an object with "rows", a list of rows.');
  const { name, rows, ...others } = value;
  const [stranger] = Object.keys(others);
  if (stranger !== undefined)
    throw new ProblemError(400, `The body has only name and rows, not ${JSON.stringify(stranger.slice(0, 100))}.`);
  if (name !== undefined && (typeof name !== "string" || name.length > 200 || name.includes("\0")))
    throw new ProblemError(400, "The name is a text of at most 200 characters.");
  return { ...(name === undefined ? {} : { given: name }), rows: once(itemsOfJson(rows)) };
}

/** @throws CsvRefusedError if the request names a label column that the file lacks; y_true itself is optional. */
function labelledRow(header: readonly string[], target: string, columns: RecordColumns): ItemOfRecord {
  if (target !== DEFAULT_TARGET && !header.includes(target)) {
    const problem = `has no column ${JSON.stringify(target)} with labels`;
    throw new CsvRefusedError({ code: "header", problem, remedy: `it has ${listedNames(header)}` });
  }
  return rowOfRecord(header, { ...columns, target });
}

async function* once(items: readonly RawItem[]): AsyncGenerator<readonly RawItem[], void> {
  yield items;
}
