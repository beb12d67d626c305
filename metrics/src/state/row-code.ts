/** The bins of one row's features, and of its prediction. */
export interface RowCode {
  /** The number of the layout; see `FeatureTables.layouts`. */
  readonly layout: number;
  /** How many codes there are. */
  readonly width: number;
  /** The codes of this row, and perhaps of others. */
  readonly bytes: Uint8Array;
  /** Where those of this row begin. */
  readonly at: number;
  /** Its texts that the reference does not have, as a JSON array; null if there are none. */
  readonly unseen: string | null;
}

/** Bytes before the codes: layout (uint32), width (uint8), bytes of the unseen texts (uint16). */
const HEAD_BYTES = 7;

/** The bytes of a row's codes, with all that is needed to read them. */
export function encodeRowCode({ layout, width, bytes, at, unseen }: RowCode): Buffer {
  const texts = Buffer.from(unseen ?? "");
  const encoded = Buffer.allocUnsafe(HEAD_BYTES + width + texts.length);
  encoded.writeUInt16LE(texts.length, encoded.writeUInt8(width, encoded.writeUInt32LE(layout, 0)));
  encoded.set(bytes.subarray(at, at + width), HEAD_BYTES);
  encoded.set(texts, HEAD_BYTES + width);
  return encoded;
}

/** @param at - where they begin. @returns the codes, and where they end. */
export function decodeRowCode(encoded: Buffer, at: number): { readonly code: RowCode; readonly end: number } {
  const [layout, width, texts] = [encoded.readUInt32LE(at), encoded.readUInt8(at + 4), encoded.readUInt16LE(at + 5)];
  const codesAt = at + HEAD_BYTES;
  const end = codesAt + width + texts;
  const bytes = Uint8Array.from(encoded.subarray(codesAt, codesAt + width));
  const unseen = texts === 0 ? null : encoded.toString("utf8", codesAt + width, end);
  return { code: { layout, width, bytes, at: 0, unseen }, end };
}
