import { CsvRefusedError, listedNames, parseJsonBody } from "@streamgauge/core";
import type { FastifyRequest } from "fastify";
import { frameItems } from "../ingress/frame-items.js";
import { itemsOfCsv, itemsOfJson, itemsOfLines, rowOfRecord, type FieldsOfRecord, type RawItem } from "../ingress/raw-items.js";
import { isRecord } from "../ingress/row-table.js";
import { bodyOf } from "./ingress-routes.js";
import { ProblemError } from "./problem.js";

/** The column of a CSV file that holds labels, unless the request names another. */
export const DEFAULT_TARGET = "y_true";

/** The rows of an upload. */
export interface UploadedRows {
  /** The name that the body gives. */
  readonly given?: string;
  readonly rows: AsyncIterable<readonly RawItem[]>;
  /** Whether they come from CSV, where a cell may be a number or text. */
  readonly asWritten?: boolean;
}

/** The rows of an upload in the form that its content type says. @param textColumns - columns of a CSV file that are text. */
export function rowsIn(request: FastifyRequest, target: string, textColumns: readonly string[]): UploadedRows {
  const body = bodyOf(request);
  if ("stream" in body) {
    if (body.form === "ndjson") return { rows: itemsOfLines(body.stream) };
    return { rows: itemsOfCsv(body.stream, (header) => labelledRow(header, target, textColumns)), asWritten: true };
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

/** @throws CsvRefusedError where the column of labels is one that the file does not have; none need be called y_true. */
function labelledRow(header: readonly string[], target: string, textColumns: readonly string[]): FieldsOfRecord {
  if (target !== DEFAULT_TARGET && !header.includes(target)) {
    const problem = `has no column ${JSON.stringify(target)} with labels`;
    throw new CsvRefusedError({ code: "header", problem, remedy: `it has ${listedNames(header)}` });
  }
  return rowOfRecord(header, { target, textColumns });
}

async function* once(items: readonly RawItem[]): AsyncGenerator<readonly RawItem[], void> {
  yield items;
}
