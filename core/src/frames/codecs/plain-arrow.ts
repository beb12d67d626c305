import { type Data, DataType, type Table } from "apache-arrow";
import type { Column } from "../frame.js";
import type { CodeBytes } from "../frame.js";
import { CODES } from "../row-codes.js";
import type { FrameTable } from "../frame-layout.js";
import type { Ids } from "../ids.js";
import { idsIn } from "./arrow-ids.js";

/** Metadata begins behind a marker and its length. */
const HEAD_BYTES = 8;
const MARKER = -1;
/** Of an Arrow IPC stream: a marker and no metadata. */
const END = Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]);
/** Metadata that are longer are read anew each time, and so are those of more than this number of kinds. */
const MOST_BYTES = 65_536;
const MOST_KNOWN = 100;

/** Where the columns of a plain stream lie: one batch of ids, doubles and perhaps codes, without nulls. In bytes from its start. */
interface Places {
  readonly rows: number;
  /** Of the schema and of the batch; what they say depends on names, types and lengths alone. */
  readonly metadata: Buffer;
  /** Of the whole stream. */
  readonly length: number;
  readonly offsetsAt: number;
  readonly idsAt: number;
  readonly idBytes: number;
  readonly columns: readonly (readonly [name: string, at: number])[];
  /** Of the column of codes, if there is one: so many bytes a row. */
  readonly codes: { readonly at: number; readonly width: number } | undefined;
}

/**
 * Streams of one form follow each other, equal up to their numbers: arrow takes a tenth of a millisecond and more to read or write the
 * metadata of one, which is most of the time of a small frame. Here they are looked at once; a stream whose metadata are the same
 * bytes has its columns at the same places.
 */
export class PlainStreams {
  readonly #read = new Map<string, Places>();
  readonly #written = new Map<string, Places>();

  /** The columns of a stream like one that was noted before; undefined if there was none. Its ids are not checked. */
  read(body: Buffer, mostRows: number): FrameTable | undefined {
    const end = metadataEnd(body);
    const places = end === undefined ? undefined : this.#read.get(body.toString("latin1", 0, end));
    if (places === undefined || places.length !== body.length || places.rows > mostRows || !endsAsStream(body)) return undefined;
    const { rows, offsetsAt, idsAt, idBytes, codes } = places;
    const offsets = arrayIn(Int32Array, body, offsetsAt, rows + 1);
    const columns = new Map<string, Column>();
    for (const [name, at] of places.columns) columns.set(name, arrayIn(Float64Array, body, at, rows));
    const ids = idsIn(body.subarray(idsAt, idsAt + idBytes), offsets, rows);
    if (codes === undefined) return { ids, columns };
    const { at, width } = codes;
    return { ids, columns, codes: { bytes: body.subarray(at, at + rows * width), width } };
  }

  /** Notes where the columns of a stream are that arrow has read, if it is a plain one. */
  note(body: Buffer, table: Table): void {
    const places = placesOf(body, table);
    if (places !== undefined) keep(this.#read, places.metadata.toString("latin1"), places);
  }

  /** A stream like one that was noted before; undefined if there was none. */
  write(ids: Ids, columns: readonly (readonly [string, Column])[], codes?: CodeBytes): Buffer | undefined {
    const places = this.#written.get(formOf(ids, columns, codes) ?? "");
    if (places === undefined) return undefined;
    // Between the columns are zeros.
    const body = Buffer.alloc(places.length);
    places.metadata.copy(body);
    bytesOf(ids.offsets).copy(body, places.offsetsAt);
    ids.bytes.copy(body, places.idsAt);
    for (const [i, [, at]] of places.columns.entries()) {
      const column = columns[i]?.[1];
      if (column instanceof Float64Array) bytesOf(column).copy(body, at);
    }
    if (codes !== undefined && places.codes !== undefined) bytesOf(codes.bytes).copy(body, places.codes.at);
    END.copy(body, body.length - END.length);
    return body;
  }

  /** Notes what arrow has written. @param table - what arrow reads of it. */
  noteWritten(
    ids: Ids,
    columns: readonly (readonly [string, Column])[],
    codes: CodeBytes | undefined,
    body: Buffer,
    table: () => Table,
  ): void {
    const form = formOf(ids, columns, codes);
    if (form === undefined) return;
    const places = placesOf(body, table());
    if (places !== undefined) keep(this.#written, form, places);
  }
}

function keep<K, V>(known: Map<K, V>, key: K, value: V): void {
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, value);
}

/** What the metadata of a stream depend on; undefined if it would not be plain. */
function formOf(ids: Ids, columns: readonly (readonly [string, Column])[], codes: CodeBytes | undefined): string | undefined {
  const { bytes, length } = ids;
  if (ids.end(length - 1) !== bytes.length || ids.start(0) !== 0) return undefined;
  if (!columns.every(([, column]) => column instanceof Float64Array && column.length === length)) return undefined;
  return JSON.stringify([length, bytes.length, columns.map(([name]) => name), codes?.width]);
}

/** Where the columns begin; undefined if it is not a stream of a schema and a batch, or its metadata are long. */
function metadataEnd(body: Buffer): number | undefined {
  let at = 0;
  for (let message = 0; message < 2; message += 1) {
    if (at + HEAD_BYTES > body.length || body.readInt32LE(at) !== MARKER) return undefined;
    const size = body.readInt32LE(at + 4);
    if (size <= 0) return undefined;
    at += HEAD_BYTES + size;
  }
  return at > Math.min(MOST_BYTES, body.length) ? undefined : at;
}

function endsAsStream(body: Buffer): boolean {
  return body.subarray(-END.length).equals(END);
}

function placesOf(body: Buffer, { batches, schema }: Table): Places | undefined {
  const end = metadataEnd(body);
  const [batch] = batches;
  if (end === undefined || batch === undefined || batches.length !== 1 || !endsAsStream(body)) return undefined;
  const rows = batch.numRows;
  const columns: [string, number][] = [];
  let codes: Places["codes"];
  let ids: Pick<Places, "offsetsAt" | "idsAt" | "idBytes"> | undefined;
  for (const [i, { name }] of schema.fields.entries()) {
    const data = batch.data.children[i];
    if (data === undefined || data.nullCount !== 0 || data.length !== rows || data.offset !== 0) return undefined;
    if (name === "id") ids = idPlaces(body, data);
    else if (name === CODES && DataType.isFixedSizeBinary(data.type)) {
      const at = placeOf(body, data.values);
      if (at === undefined) return undefined;
      codes = { at, width: data.type.byteWidth };
    } else {
      const at = placeOf(body, data.values);
      if (at === undefined || !(data.values instanceof Float64Array)) return undefined;
      columns.push([name, at]);
    }
  }
  const metadata = Buffer.from(body.subarray(0, end));
  return ids === undefined ? undefined : { rows, metadata, length: body.length, ...ids, columns, codes };
}

function idPlaces(body: Buffer, { valueOffsets, values, length }: Data): Pick<Places, "offsetsAt" | "idsAt" | "idBytes"> | undefined {
  const [offsetsAt, idsAt] = [placeOf(body, valueOffsets), placeOf(body, values)];
  if (offsetsAt === undefined || idsAt === undefined || !(valueOffsets instanceof Int32Array) || valueOffsets.length <= length)
    return undefined;
  return { offsetsAt, idsAt, idBytes: values.byteLength };
}

/** Where an array of arrow lies in the body; undefined if it is a copy. */
function placeOf(body: Buffer, values: unknown): number | undefined {
  if (!ArrayBuffer.isView(values) || values.buffer !== body.buffer) return undefined;
  const at = values.byteOffset - body.byteOffset;
  return at < 0 || at + values.byteLength > body.length ? undefined : at;
}

/** Numbers at this place of a body: copied only if they do not begin at a multiple of their size. */
function arrayIn<A>(
  kind: { new (buffer: ArrayBufferLike, at: number, length: number): A; readonly BYTES_PER_ELEMENT: number },
  body: Buffer,
  at: number,
  length: number,
): A {
  const start = body.byteOffset + at;
  if (start % kind.BYTES_PER_ELEMENT === 0) return new kind(body.buffer, start, length);
  return new kind(Uint8Array.from(body.subarray(at, at + length * kind.BYTES_PER_ELEMENT)).buffer, 0, length);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
