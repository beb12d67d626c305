import { Ids } from "../ids.js";

/** The ids of so many rows in these bytes, which may begin within a larger column. */
export function idsIn(bytes: Uint8Array, offsets: Int32Array, rows: number): Ids {
  let last = 0;
  // By index: an iterator takes ten times as long.
  for (let i = 0; i < offsets.length; i += 1) {
    const offset = offsets[i] ?? 0;
    if (offset < last) throw new Error("the offsets of the column id run backwards");
    last = offset;
  }
  if (offsets.length !== rows + 1 || last > bytes.length) throw new Error("the column id is shorter than it says");
  const first = offsets[0] ?? 0;
  const own = Buffer.from(bytes.buffer, bytes.byteOffset + first, last - first);
  return new Ids(own, first === 0 ? offsets : offsets.map((offset) => offset - first));
}
