import {
  CsvReader,
  CsvRefusedError,
  EVENT_TIME,
  FrameRefusedError,
  isMissingNumber,
  listedNames,
  numberOf,
  writtenCell,
  type CsvRow,
  type Refusal,
} from "@streamgauge/core";
import { linesOf } from "./lines.js";
import { isRecord, type WrittenRows } from "./row-table.js";
import { TimeColumn, type TimeColumnOptions } from "./time-column.js";

/** One row of a request: its fields, or why they are unreadable. */
export type RawItem = { readonly fields: Readonly<Record<string, unknown>> } | UnreadableItem;

export interface UnreadableItem {
  /** The reason. */
  readonly unreadable: string;
  /** The field, if only one is wrong. */
  readonly field?: string;
}

/** Why an item is refused. */
export function unreadableRefusal({ unreadable: reason, field }: UnreadableItem, row: number): Refusal {
  return { row, ...(field === undefined ? {} : { field }), reason };
}

const MAX_LINE_BYTES = 1024 * 1024;

/** What to do if a body has lost its line breaks. */
export const KEEP_LINE_BREAKS = "with curl, send a file with --data-binary @FILE: -d takes its line breaks out";

/** The items of a JSON list, or the one item of any other value. @throws FrameRefusedError */
export function itemsOfJson(value: unknown): RawItem[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new FrameRefusedError({ reason: "the list has no rows" });
  return list.map(itemOf);
}

/** The items of an NDJSON stream, one per line; skips empty lines. @throws FrameRefusedError if there are none. */
export async function* itemsOfLines(stream: AsyncIterable<Buffer>): AsyncGenerator<RawItem[], void> {
  let any = false;
  for await (const lines of linesOf(stream, MAX_LINE_BYTES)) {
    const items: RawItem[] = [];
    for (const line of lines) {
      if (line?.trim() === "") continue;
      items.push(line === undefined ? { unreadable: "the line is not UTF-8" } : itemOfLine(line));
    }
    any ||= items.length > 0;
    yield items;
  }
  if (!any) throw new FrameRefusedError({ reason: `the body has no rows: send one on each line (${KEEP_LINE_BREAKS})` });
}

function itemOfLine(line: string): RawItem {
  try {
    return itemOf(JSON.parse(line));
  } catch (error) {
    const reason = `the line is not JSON: ${error instanceof Error ? error.message.slice(0, 100) : ""}`;
    return { unreadable: SEVERAL_OBJECTS.test(line) ? `${reason}; send one row on each line (${KEEP_LINE_BREAKS})` : reason };
  }
}

const SEVERAL_OBJECTS = /\}\s*\{/;

function itemOf(value: unknown): RawItem {
  return isRecord(value) ? { fields: value } : { unreadable: 'a row is an object like {"id": "a1", …}' };
}

/** Maps a record of a CSV file to the item that JSON would have. */
export type ItemOfRecord = (cells: readonly string[]) => RawItem;

/** The items of a CSV stream. @param readerFor - the reader of records, by the header. @throws CsvRefusedError if nothing is readable. */
export async function* itemsOfCsv(
  stream: AsyncIterable<Buffer>,
  readerFor: (header: readonly string[]) => ItemOfRecord,
): AsyncGenerator<RawItem[], void> {
  const reader = new CsvReader();
  let read: ItemOfRecord | undefined;
  const itemOfRow = ({ line, cells, problem }: CsvRow): RawItem => {
    if (problem !== undefined) return { unreadable: `line ${line}: ${problem}` };
    read ??= readerFor(reader.header);
    return read(cells);
  };
  for await (const bytes of stream) for (const rows of reader.take(bytes)) yield rows.map(itemOfRow);
  for (const rows of reader.end()) yield rows.map(itemOfRow);
}

export interface RecordColumns extends WrittenRows {
  /** The label column, if any. */
  readonly target?: string;
  /** The column of event times. */
  readonly time?: TimeColumnOptions;
  /** Features of the model, if they are known: the column of times is one of them only if the model takes it. */
  readonly features?: readonly string[];
}

/** Reads records of rows: the column `id`, if there is one, the event time, and the features as they are written. @throws CsvRefusedError */
export function rowOfRecord(header: readonly string[], columns: RecordColumns = {}): ItemOfRecord {
  const { target, textColumns = [], features: taken = [] } = columns;
  const [id, label] = [header.indexOf("id"), target === undefined ? -1 : header.indexOf(target)];
  const time = TimeColumn.of(header, columns.time ?? {});
  const features = [...header.entries()].filter(([i, name]) => i !== id && i !== label && (i !== time?.index || taken.includes(name)));
  const texts = new Set(textColumns.map((name) => header.indexOf(name)));
  return (cells) => {
    const values: Record<string, unknown> = {};
    for (const [i, name] of features) {
      const text = cells[i] ?? "";
      values[name] = texts.has(i) && text !== "" ? text : writtenCell(text);
    }
    const value = labelOf(cells[label]);
    const eventTime = time?.read(cells[time.index] ?? "") ?? undefined;
    if (typeof eventTime === "object") return { unreadable: eventTime.reason, field: time?.name ?? "" };
    return {
      fields: {
        ...(id < 0 ? {} : { id: cells[id] }),
        features: values,
        ...(value === undefined ? {} : { y_true: value }),
        ...(eventTime === undefined ? {} : { [EVENT_TIME]: eventTime }),
      },
    };
  };
}

/** Reads records of labels. @throws CsvRefusedError if a column is missing. */
export function labelOfRecord(header: readonly string[]): ItemOfRecord {
  const [id = -1, label = -1] = ["id", "y_true"].map((name) => {
    const at = header.indexOf(name);
    if (at >= 0) return at;
    const remedy = `labels are the columns id and y_true, and it has ${listedNames(header)}`;
    throw new CsvRefusedError({ code: "header", problem: `has no column ${JSON.stringify(name)}`, remedy });
  });
  return (cells) => ({ fields: { id: cells[id], y_true: labelOf(cells[label]) } });
}

/** A label: a number, undefined if missing, or else its text, which is refused later. */
function labelOf(text: string | undefined): number | string | undefined {
  if (text === undefined || isMissingNumber(text)) return undefined;
  return numberOf(text) ?? text;
}

const FIELDS = {
  row: { known: new Set(["id", "features", EVENT_TIME]), listed: "id, features and event_time" },
  label: { known: new Set(["id", "y_true"]), listed: "id and y_true" },
};

/** The refusal of a row or a label with a field that is not allowed; undefined if there is no such field. */
export function strangeField(fields: Readonly<Record<string, unknown>>, kind: "row" | "label", row: number): Refusal | undefined {
  const { known, listed } = FIELDS[kind];
  for (const field in fields) if (!known.has(field)) return { row, field: field.slice(0, 128), reason: `a ${kind} has only ${listed}` };
  return undefined;
}
