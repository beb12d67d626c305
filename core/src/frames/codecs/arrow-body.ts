import { errorText } from "../../error-text.js";
import {
  type Data,
  DataType,
  Field,
  FixedSizeBinary,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  type Table,
  tableFromIPC,
  Utf8,
  type Vector,
} from "apache-arrow";
import { checkArrowStream } from "./arrow-check.js";
import { EVENT_TIME } from "../event-times.js";
import type { CodeBytes } from "../frame.js";
import { CODES } from "../row-codes.js";
import type { FrameTable } from "../frame-layout.js";
import { FrameRefusedError, type Cell, type Column } from "../frame.js";
import { Ids } from "../ids.js";
import { requireReadable } from "../readable-body.js";
import { bitmapOf } from "./arrow-bitmap.js";
import { idsIn } from "./arrow-ids.js";
import { PlainStreams } from "./plain-arrow.js";
import { areTimes, timeData, timesOf } from "./arrow-times.js";

/**
 * Reads an Arrow IPC stream with a column `id` of strings and any number of columns of numbers or strings.
 *
 * @throws FrameRefusedError if it is no such stream, has more rows than `mostRows`, or a column of another type.
 */
export function readArrowBody(body: Buffer, mostRows: number): FrameTable {
  requireReadable(body);
  try {
    const plain = streams.read(body, mostRows);
    if (plain !== undefined) return plain;
    checkArrowStream(body, mostRows);
    const table = tableFromIPC(body);
    const read = columnsOf(table);
    streams.note(body, table);
    return read;
  } catch (error) {
    if (error instanceof FrameRefusedError) throw error;
    const detail = errorText(error);
    throw new FrameRefusedError({ reason: `the body is not an Arrow IPC stream: ${detail.slice(0, 200)}` }, { cause: error });
  }
}

/** Forms of streams that this process has read or written. */
const streams = new PlainStreams();

function columnsOf(table: Table): FrameTable {
  const { fields } = table.schema;
  if (table.numRows === 0) throw new FrameRefusedError({ reason: "the frame has no rows" });
  const idVector = table.getChild("id");
  if (idVector === null) throw new FrameRefusedError({ field: "id", reason: "the Arrow stream has no column id" });
  if (!isText(idVector.type)) {
    throw new FrameRefusedError({ field: "id", reason: `an id is a string; the column id is ${String(idVector.type)}` });
  }
  if (new Set(fields.map(({ name }) => name)).size !== fields.length)
    throw new FrameRefusedError({ reason: "the Arrow stream names a column twice" });
  const values = new Map<string, Column>();
  let eventTimes: Column | undefined;
  let codes: CodeBytes | undefined;
  for (const field of fields) {
    const vector = field.name === "id" ? null : table.getChild(field.name);
    if (vector === null) continue;
    if (field.name === EVENT_TIME && areTimes(field.type)) eventTimes = timesOf(vector);
    else if (field.name === CODES && DataType.isFixedSizeBinary(field.type)) codes = codeBytesOf(vector, field.type);
    else values.set(field.name, columnOf(field, vector));
  }
  return {
    ids: idsOf(idVector),
    columns: values,
    ...(eventTimes === undefined ? {} : { eventTimes }),
    ...(codes === undefined ? {} : { codes }),
  };
}

function codeBytesOf(vector: Vector, { byteWidth: width }: FixedSizeBinary): CodeBytes {
  if (width < 1 || vector.nullCount > 0) throw new FrameRefusedError({ field: CODES, reason: "each row has one byte of codes at least" });
  const parts = vector.data.map(({ values, length }: Data): Uint8Array => {
    const bytes: unknown = values;
    if (!(bytes instanceof Uint8Array) || bytes.length < length * width) throw new Error(`the column ${CODES} is shorter than it says`);
    return bytes.subarray(0, length * width);
  });
  return { bytes: parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts), width };
}

function isText(type: DataType): boolean {
  if (DataType.isDictionary(type)) return isText(type.dictionary);
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type);
}

function isNumber(type: DataType): boolean {
  return DataType.isFloat(type) || DataType.isInt(type);
}

function idsOf(vector: Vector): Ids | readonly (string | null)[] {
  const chunk = vector.data[0];
  // One chunk of plain strings, as every writer of small frames makes it: its buffers are the ids already.
  if (vector.data.length === 1 && chunk !== undefined && DataType.isUtf8(vector.type) && vector.nullCount === 0) {
    const offsets: unknown = chunk.valueOffsets;
    const bytes: unknown = chunk.values;
    if (offsets instanceof Int32Array && bytes instanceof Uint8Array)
      return idsIn(bytes, offsets.subarray(0, vector.length + 1), vector.length);
  }
  return Array.from(vector, (id: unknown) => (typeof id === "string" ? id : null));
}

function columnOf(field: Field, vector: Vector): Column {
  if (!isNumber(field.type) && !isText(field.type)) {
    const wanted =
      field.name === EVENT_TIME ? "event times are int64, in ms since 1970, or timestamp" : "a column holds numbers or strings";
    throw new FrameRefusedError({ field: field.name, reason: `${wanted}, not ${String(field.type)}` });
  }
  return (isNumber(field.type) && vector.nullCount === 0 ? numbersOf(vector) : undefined) ?? Array.from(vector, cellOf);
}

/** The column's numbers in one go; undefined where their type has no array of its own. */
function numbersOf(vector: Vector): Float64Array | undefined {
  const values: unknown = vector.toArray();
  if (values instanceof Float64Array) return values;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return Float64Array.from(values, Number);
  if (values instanceof Float32Array || values instanceof Int32Array || values instanceof Int16Array) return Float64Array.from(values);
  return undefined;
}

function cellOf(value: unknown): Cell {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" || typeof value === "string" ? value : null;
}

/**
 * Writes ids and columns as an Arrow IPC stream of one batch: `id: utf8`, a `float64` for each column of numbers, `utf8` for
 * others; a missing cell is null. A column with numbers and texts has no type in Arrow: its numbers become texts.
 *
 * @param eventTimes - become the column `event_time: int64`. @param codes - become the column `codes: fixed_size_binary`.
 */
export function writeArrowBody(ids: Ids, values: Iterable<readonly [string, Column]>, eventTimes?: Column, codes?: CodeBytes): Buffer {
  if (eventTimes !== undefined) return written(ids, values, eventTimes, codes);
  const columns = [...values];
  const plain = streams.write(ids, columns, codes);
  if (plain !== undefined) return plain;
  const body = written(ids, columns, undefined, codes);
  streams.noteWritten(ids, columns, codes, body, () => tableFromIPC(body));
  return body;
}

function written(ids: Ids, values: Iterable<readonly [string, Column]>, eventTimes?: Column, codes?: CodeBytes): Buffer {
  const fields = [new Field<DataType>("id", new Utf8(), false)];
  const children: Data[] = [textData(ids)];
  for (const [name, column] of values) {
    if (column instanceof Float64Array) {
      fields.push(new Field<DataType>(name, new Float64(), false));
      children.push(makeData({ type: new Float64(), length: column.length, data: column }));
    } else {
      const isNumbers = column.every((cell) => typeof cell !== "string");
      fields.push(new Field<DataType>(name, isNumbers ? new Float64() : new Utf8(), true));
      const length = column.length;
      const nulls = { nullCount: column.filter((cell) => cell === null).length, nullBitmap: bitmapOf(column) };
      if (isNumbers) {
        children.push(makeData({ type: new Float64(), length, ...nulls, data: Float64Array.from(column, Number) }));
      } else {
        const { offsets, bytes } = Ids.of(column.map((cell) => (cell === null ? "" : String(cell))));
        children.push(makeData({ type: new Utf8(), length, ...nulls, valueOffsets: offsets, data: bytes }));
      }
    }
  }
  if (eventTimes !== undefined) {
    fields.push(new Field<DataType>(EVENT_TIME, new Int64(), true));
    children.push(timeData(eventTimes));
  }
  if (codes !== undefined) {
    const type = new FixedSizeBinary(codes.width);
    fields.push(new Field<DataType>(CODES, type, false));
    children.push(makeData({ type, length: ids.length, data: codes.bytes }));
  }
  const schema = new Schema(fields);
  const data = makeData({ type: new Struct(fields), length: ids.length, children });
  const writer = new RecordBatchStreamWriter();
  writer.write(new RecordBatch(schema, data));
  writer.finish();
  const bytes = writer.toUint8Array(true);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textData(ids: Ids) {
  return makeData({ type: new Utf8(), length: ids.length, valueOffsets: ids.offsets, data: ids.bytes });
}
