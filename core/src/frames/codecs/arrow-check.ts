import { FlatTable } from "./flat-table.js";
import { FrameRefusedError } from "../frame.js";

/** Kinds of a message (Message.fbs of Arrow's format). */
const KIND = { schema: 1, dictionary: 2, batch: 3 } as const;
/** Fields of its tables, by their position in the format. */
const MESSAGE = { kind: 1, header: 2, bodyLength: 3, metadata: 4 } as const;
const SCHEMA = { fields: 1, metadata: 2 } as const;
const FIELD = { name: 0, children: 5, metadata: 6 } as const;
const KEY_VALUE = { key: 0, value: 1 } as const;
const DICTIONARY = { batch: 1 } as const;
const BATCH = { length: 0, nodes: 1, buffers: 2, compression: 3, variadic: 4 } as const;
/** Bytes of a node (length, nulls) and of a buffer (offset, length). */
const PAIR = 16;
const CONTINUES = -1;

/**
 * Looks at the metadata of an Arrow IPC stream before arrow does. Arrow believes every count and length in it: a message
 * with one damaged byte was seen to cost it minutes, or all memory and with that the process.
 *
 * @throws FrameRefusedError if it is damaged, nested, compressed, a file, has more rows than `mostRows` or something behind its end.
 */
export function checkArrowStream(body: Buffer, mostRows: number): void {
  if (body.toString("latin1", 0, 6) === "ARROW1") throw refused("the body is an Arrow file; send an IPC stream");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  let rows = 0;
  while (at < body.length) {
    const first = view.getInt32(at, true);
    at += 4;
    const size = first === CONTINUES ? view.getInt32(at, true) : first;
    if (first === CONTINUES) at += 4;
    if (size === 0) break;
    const { bodyLength, batchRows } = checkMessage(view, at, size);
    at += size + bodyLength;
    rows += batchRows;
    if (at > body.length) throw refused("the Arrow stream ends in the middle");
  }
  // A second stream would be left unread.
  if (at < body.length) throw refused("there is something behind the end of the Arrow stream: send one stream a message");
  if (rows > mostRows) throw refused(`the frame has ${rows} rows; at most ${mostRows} are taken`);
}

function refused(reason: string): FrameRefusedError {
  return new FrameRefusedError({ reason });
}

function checkMessage(view: DataView, at: number, size: number) {
  if (size < 0 || at + size > view.byteLength) throw refused("the Arrow stream ends in the middle");
  const message = FlatTable.root(new DataView(view.buffer, view.byteOffset + at, size));
  checkMetadata(message, MESSAGE.metadata);
  const bodyLength = message.long(MESSAGE.bodyLength);
  const header = message.table(MESSAGE.header);
  const kind = message.byte(MESSAGE.kind);
  if (header === undefined || bodyLength < 0) throw refused("the Arrow stream has a message without content");
  if (kind === KIND.schema) checkSchema(header);
  else if (kind === KIND.batch) checkBatch(header, bodyLength);
  else if (kind === KIND.dictionary) checkBatch(header.table(DICTIONARY.batch), bodyLength);
  else throw refused(`the Arrow stream has a message of the unknown kind ${kind}`);
  return { bodyLength, batchRows: kind === KIND.batch ? header.long(BATCH.length) : 0 };
}

function checkSchema(schema: FlatTable): void {
  checkMetadata(schema, SCHEMA.metadata);
  for (const field of schema.tables(SCHEMA.fields)) {
    field.elements(FIELD.name, 1);
    checkMetadata(field, FIELD.metadata);
    if (field.elements(FIELD.children, 4).length > 0) throw refused("a column holds numbers or strings; the Arrow stream has a nested one");
  }
}

/** Keys and values that the sender added. Nobody looks at them, but arrow reads them. */
function checkMetadata(table: FlatTable, field: number): void {
  for (const pair of table.tables(field)) {
    pair.elements(KEY_VALUE.key, 1);
    pair.elements(KEY_VALUE.value, 1);
  }
}

function checkBatch(batch: FlatTable | undefined, bodyLength: number): void {
  if (batch === undefined) throw refused("the Arrow stream has a dictionary without content");
  if (batch.table(BATCH.compression) !== undefined) throw refused("the Arrow stream is compressed; send it uncompressed");
  batch.elements(BATCH.variadic, 8);
  const rows = batch.long(BATCH.length);
  for (const node of batch.elements(BATCH.nodes, PAIR)) {
    const [length, nulls] = [batch.longAt(node), batch.longAt(node + 8)];
    if (length !== rows || nulls < 0 || nulls > length) throw refused("the Arrow stream has columns of unequal length");
  }
  for (const buffer of batch.elements(BATCH.buffers, PAIR)) {
    const [offset, length] = [batch.longAt(buffer), batch.longAt(buffer + 8)];
    if (offset < 0 || length < 0 || offset + length > bodyLength) throw refused("the Arrow stream has a column outside of its body");
  }
  // A row takes a bit at least, in one column at least.
  if (rows < 0 || rows > 8 * bodyLength) throw refused("the Arrow stream has more rows than its body can hold");
}
