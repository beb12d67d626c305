import { parseJsonBody } from "@streamgauge/core";
import type { FastifyRequest } from "fastify";
import { arrowItems } from "../ingress/arrow-items.js";
import { CsvBodyError } from "../ingress/csv-rows.js";
import { itemsOfCsv, itemsOfJson, itemsOfLines, rowOfRecord, type RawItem } from "../ingress/raw-items.js";
import { isRecord } from "../ingress/row-table.js";
import { bodyOf } from "./ingress-routes.js";
import { ProblemError } from "./problem.js";

/** The column of a CSV file that holds labels, unless the request names another. */
export const DEFAULT_TARGET = "y_true";

/** The rows of an upload in the form that its content type says, and the name that the body gives. */
export function rowsIn(
  request: FastifyRequest,
  target: string,
): { readonly given?: string; readonly rows: AsyncIterable<readonly RawItem[]> } {
  const body = bodyOf(request);
  if ("stream" in body) {
    return { rows: body.form === "csv" ? itemsOfCsv(body.stream, (record) => labelledRow(record, target)) : itemsOfLines(body.stream) };
  }
  if (body.form === "arrow") return { rows: once(arrowItems(body.bytes)) };
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

/** @throws CsvBodyError where the column of labels is one that the file does not have; none need be called y_true. */
function labelledRow(record: Readonly<Record<string, string>>, target: string): Readonly<Record<string, unknown>> {
  if (target !== DEFAULT_TARGET && !Object.hasOwn(record, target))
    throw new CsvBodyError(
      `The CSV body has no column ${JSON.stringify(target)} with labels: it has ${Object.keys(record).join(", ").slice(0, 200)}.`,
    );
  return rowOfRecord(record, target);
}

async function* once(items: readonly RawItem[]): AsyncGenerator<readonly RawItem[], void> {
  yield items;
}
