import { FrameRefusedError, type Refusal } from "@streamgauge/core";
import { cellOf, csvRecords } from "./csv-rows.js";
import { linesOf } from "./lines.js";
import { isRecord } from "./row-table.js";

/** What stands in a request for one row: its fields, or why they cannot be read. */
export type RawItem = { readonly fields: Readonly<Record<string, unknown>> } | { readonly unreadable: string };

const MAX_LINE_BYTES = 1024 * 1024;

/** The items of a JSON value: of a list, or of the one that it is. @throws FrameRefusedError */
export function itemsOfJson(value: unknown): RawItem[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new FrameRefusedError({ reason: "the list has no rows" });
  return list.map(itemOf);
}

/** The items of an NDJSON stream, one a line; empty lines are passed over. */
export async function* itemsOfLines(stream: AsyncIterable<Buffer>): AsyncGenerator<RawItem[], void> {
  for await (const lines of linesOf(stream, MAX_LINE_BYTES)) {
    const items: RawItem[] = [];
    for (const line of lines) {
      if (line === "" || line === "\r") continue;
      items.push(line === undefined ? { unreadable: "the line is not UTF-8" } : itemOfLine(line));
    }
    yield items;
  }
}

function itemOfLine(line: string): RawItem {
  try {
    return itemOf(JSON.parse(line));
  } catch (error) {
    return { unreadable: `the line is not JSON: ${error instanceof Error ? error.message.slice(0, 100) : ""}` };
  }
}

function itemOf(value: unknown): RawItem {
  return isRecord(value) ? { fields: value } : { unreadable: 'a row is an object like {"id": "a1", …}' };
}

const CSV_BATCH = 256;

/** The items of a CSV stream. @param fieldsOf - a record as the fields that JSON would have. */
export async function* itemsOfCsv(
  stream: AsyncIterable<Buffer>,
  fieldsOf: (record: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>,
): AsyncGenerator<RawItem[], void> {
  let items: RawItem[] = [];
  for await (const record of csvRecords(stream)) {
    items.push(typeof record === "string" ? { unreadable: record } : { fields: fieldsOf(record) });
    if (items.length < CSV_BATCH) continue;
    yield items;
    items = [];
  }
  if (items.length > 0) yield items;
}

/** A record of a CSV file with rows: the column `id`, if there is one, and features. @param target - the column of labels, if any. */
export function rowOfRecord(record: Readonly<Record<string, string>>, target?: string): Readonly<Record<string, unknown>> {
  const features: Record<string, unknown> = {};
  let label: unknown;
  for (const [name, text] of Object.entries(record)) {
    if (name === "id") continue;
    if (name === target) label = cellOf(text) ?? undefined;
    else features[name] = cellOf(text);
  }
  const { id } = record;
  return { ...(id === undefined ? {} : { id }), features, ...(label === undefined ? {} : { y_true: label }) };
}

/** A record of a CSV file with labels. */
export function labelOfRecord(record: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const { id, y_true: text } = record;
  return { id, y_true: text === undefined ? undefined : cellOf(text) };
}

const ROW_FIELDS = new Set(["id", "features"]);
const LABEL_FIELDS = new Set(["id", "y_true"]);

/** Why an item of rows, or of labels, has a field that it must not have; undefined where it has none. */
export function strangeField(fields: Readonly<Record<string, unknown>>, kind: "row" | "label", row: number): Refusal | undefined {
  const known = kind === "row" ? ROW_FIELDS : LABEL_FIELDS;
  for (const field in fields)
    if (!known.has(field)) return { row, field: field.slice(0, 128), reason: `a ${kind} has only ${[...known].join(" and ")}` };
  return undefined;
}
