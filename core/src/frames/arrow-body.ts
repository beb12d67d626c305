import {
  type Data,
  DataType,
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  Utf8,
  type Vector,
} from "apache-arrow";
import { FrameRefusedError, type Cell, type Column } from "./frame.js";
import { Ids } from "./ids.js";

/** The columns of an Arrow frame: `id`, and the others in the sender's order. */
export interface ArrowColumns {
  /** Null where an id is missing. */
  readonly ids: Ids | readonly (string | null)[];
  readonly values: ReadonlyMap<string, Column>;
}

/**
 * Reads an Arrow IPC stream with a column `id` of strings and any number of columns of numbers or strings.
 *
 * @throws FrameRefusedError where it is no such stream, has more rows than `mostRows`, or a column of another type.
 */
export function readArrowBody(body: Buffer, mostRows: number): ArrowColumns {
  const table = tableOf(body);
  if (table.numRows > mostRows)
    throw new FrameRefusedError({ reason: `the frame has ${table.numRows} rows; at most ${mostRows} are taken` });
  const idVector = table.getChild("id");
  if (idVector === null) throw new FrameRefusedError({ field: "id", reason: "the Arrow stream has no column id" });
  if (!isText(idVector.type)) {
    throw new FrameRefusedError({ field: "id", reason: `an id is a string; the column id is ${String(idVector.type)}` });
  }
  const values = new Map<string, Column>();
  for (const field of table.schema.fields) {
    if (field.name === "id") continue;
    const vector = table.getChild(field.name);
    if (vector !== null) values.set(field.name, columnOf(field, vector));
  }
  if (values.size !== table.schema.fields.length - 1) throw new FrameRefusedError({ reason: "the Arrow stream names a column twice" });
  return { ids: idsOf(idVector), values };
}

function tableOf(body: Buffer): Table {
  if (body.length === 0) throw new FrameRefusedError({ reason: "the body is empty" });
  try {
    return tableFromIPC(body);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new FrameRefusedError({ reason: `the body is not an Arrow IPC stream: ${detail.slice(0, 200)}` }, { cause: error });
  }
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
    if (offsets instanceof Int32Array && bytes instanceof Uint8Array && offsets.length >= vector.length + 1) {
      return rebased(bytes, offsets.subarray(0, vector.length + 1));
    }
  }
  return Array.from(vector, (id: unknown) => (typeof id === "string" ? id : null));
}

function rebased(bytes: Uint8Array, offsets: Int32Array): Ids {
  const first = offsets[0] ?? 0;
  const last = offsets[offsets.length - 1] ?? 0;
  const own = Buffer.from(bytes.buffer, bytes.byteOffset + first, last - first);
  return new Ids(own, first === 0 ? offsets : offsets.map((offset) => offset - first));
}

function columnOf(field: Field, vector: Vector): Column {
  if (DataType.isFloat(field.type) && vector.nullCount === 0) {
    const values: unknown = vector.toArray();
    if (values instanceof Float64Array) return values;
    if (values instanceof Float32Array) return Float64Array.from(values);
  }
  if (!isNumber(field.type) && !isText(field.type)) {
    throw new FrameRefusedError({ field: field.name, reason: `a column holds numbers or strings, not ${String(field.type)}` });
  }
  return Array.from(vector, (value: unknown): Cell => {
    if (typeof value === "bigint") return Number(value);
    return typeof value === "number" || typeof value === "string" ? value : null;
  });
}

/** Writes ids and columns as an Arrow IPC stream of one batch: `id: utf8`, a `float64` for each column of numbers, `utf8` for others. */
export function writeArrowBody(ids: Ids, values: Iterable<readonly [string, Column]>): Buffer {
  const fields = [new Field<DataType>("id", new Utf8(), false)];
  const children: Data[] = [textData(ids)];
  for (const [name, column] of values) {
    if (column instanceof Float64Array) {
      fields.push(new Field<DataType>(name, new Float64(), false));
      children.push(makeData({ type: new Float64(), length: column.length, data: column }));
    } else {
      // A column with a missing or a mixed cell has no Arrow type; JSON carries it.
      fields.push(new Field<DataType>(name, new Utf8(), false));
      children.push(textData(Ids.of(column.map(String))));
    }
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
