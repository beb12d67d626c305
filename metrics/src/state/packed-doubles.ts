import Type from "typebox";

const BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Doubles as text for saved JSON: base64 of their bytes, little-endian, which keeps every bit and costs a tenth of writing numbers. */
export function packDoubles(doubles: Float64Array): string {
  return Buffer.from(doubles.buffer, doubles.byteOffset, doubles.byteLength).toString("base64");
}

/** Reads packed doubles into `into`, which has as many. */
export function unpackDoubles(packed: string, into: Float64Array): void {
  Buffer.from(packed, "base64").copy(Buffer.from(into.buffer, into.byteOffset, into.byteLength));
}

/** The schema of so many packed doubles. */
export function packedDoubles(count: number) {
  const length = 4 * Math.ceil((count * BYTES) / 3);
  return Type.String({ minLength: length, maxLength: length, pattern: "^[A-Za-z0-9+/]*={0,2}$" });
}
