import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** One field of a protobuf message: an integer, or the bytes of a text, a message or packed numbers. */
export type ProtobufField = readonly [field: number, value: number | Uint8Array];

/**
 * Walks over the top level of one protobuf message, in the order of the file. Source of the encoding:
 * https://protobuf.dev/programming-guides/encoding/
 *
 * @returns integers as numbers, and everything with a length as a view into `bytes`: nothing is copied, so walking
 * over a large tensor costs nothing. Fields of a fixed width are left out; ONNX's header has none.
 * @throws Error when the bytes are not a protobuf message, or end within a field.
 */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire === WireType.Varint) yield [field, Number(reader.int64())];
    else if (wire === WireType.LengthDelimited) yield [field, reader.bytes()];
    else reader.skip(wire, field);
  }
}

/** One field of a protobuf message as it stands there. */
export interface ProtobufPart {
  readonly field: number;
  /** With its number and length. */
  readonly whole: Uint8Array;
  /** Of a text, a message or packed numbers. */
  readonly content?: Uint8Array;
}

/** Walks over the top level of one protobuf message like `protobufFields`, to copy some of its fields unread. */
export function* protobufParts(bytes: Uint8Array): Generator<ProtobufPart> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const from = reader.pos;
    const [field, wire] = reader.tag();
    const content = wire === WireType.LengthDelimited ? reader.bytes() : undefined;
    if (content === undefined) reader.skip(wire, field);
    yield { field, whole: bytes.subarray(from, reader.pos), ...(content === undefined ? {} : { content }) };
  }
}

/** @returns the integer of a field. @throws Error when the field is no integer. */
export function integerOf([field, value]: ProtobufField): number {
  if (typeof value !== "number") throw new Error(`protobuf field ${field} is not an integer`);
  return value;
}

/** @returns the bytes of a field. @throws Error when the field has no length. */
export function bytesOf([field, value]: ProtobufField): Uint8Array {
  if (typeof value === "number") throw new Error(`protobuf field ${field} is an integer`);
  return value;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @returns the text of a field. @throws Error when the field has no length or is not UTF-8. */
export function textOf(field: ProtobufField): string {
  return utf8.decode(bytesOf(field));
}
