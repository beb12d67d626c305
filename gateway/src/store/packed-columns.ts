import type { Cell, Column } from "@streamgauge/core";

/**
 * Columns in few bytes, exactly. Measured values have few decimals: 32.1 is 321 with one decimal, and two bytes hold it. Numbers that are
 * not of that kind are kept as singles if these are the same numbers, or as doubles.
 */
export function packColumns(columns: Iterable<readonly [string, Column]>): Buffer {
  const heads: PackedHead[] = [];
  const parts: Buffer[] = [];
  for (const [name, column] of columns) {
    if (column instanceof Float64Array) {
      const { type, decimals, bytes } = packNumbers(column);
      heads.push([name, type, decimals]);
      parts.push(bytes);
    } else heads.push([name, column]);
  }
  const head = Buffer.from(JSON.stringify(heads));
  const length = Buffer.alloc(HEAD_BYTES);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, ...parts]);
}

/** The columns that were packed. @param rows - of each. */
export function unpackColumns(packed: Uint8Array, rows: number): ReadonlyMap<string, Column> {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = HEAD_BYTES + bytes.readUInt32LE();
  const heads: readonly PackedHead[] = JSON.parse(bytes.toString("utf8", HEAD_BYTES, at));
  const columns = new Map<string, Column>();
  for (const [name, type, decimals = 0] of heads) {
    if (typeof type === "string") {
      const end = at + rows * ARRAYS[type].BYTES_PER_ELEMENT;
      columns.set(name, numbersOf(type, decimals, bytes.subarray(at, end)));
      at = end;
    } else columns.set(name, type);
  }
  return columns;
}

const HEAD_BYTES = 4;
const MOST_DECIMALS = 4;
const ARRAYS = { i16: Int16Array, i32: Int32Array, f32: Float32Array, f64: Float64Array };
type NumberType = keyof typeof ARRAYS;
/** A column's name, and how its numbers are kept; or its cells, if it holds text. */
type PackedHead =
  readonly [name: string, type: NumberType, decimals: number] | readonly [name: string, cells: readonly Cell[], none?: undefined];

function packNumbers(values: Float64Array): { readonly type: NumberType; readonly decimals: number; readonly bytes: Buffer } {
  for (const [type, greatest] of [
    ["i16", 2 ** 15 - 1],
    ["i32", 2 ** 31 - 1],
  ] as const) {
    const decimals = decimalsOf(values, greatest);
    if (decimals === undefined) continue;
    const scale = 10 ** decimals;
    const whole = new ARRAYS[type](values.length);
    for (let i = 0; i < values.length; i += 1) whole[i] = Math.round((values[i] ?? 0) * scale);
    return { type, decimals, bytes: bytesOf(whole) };
  }
  const singles = Float32Array.from(values);
  if (values.every((value, i) => Object.is(value, singles[i]))) return { type: "f32", decimals: 0, bytes: bytesOf(singles) };
  return { type: "f64", decimals: 0, bytes: bytesOf(values) };
}

/** With how many decimals each number is exactly a whole number up to `greatest`; undefined if there is no such number of decimals. */
function decimalsOf(values: Float64Array, greatest: number): number | undefined {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals += 1) if (areWhole(values, 10 ** decimals, greatest)) return decimals;
  return undefined;
}

function areWhole(values: Float64Array, scale: number, greatest: number): boolean {
  for (const value of values) {
    const whole = Math.round(value * scale);
    // -0 is not 0: it is shown as it came.
    if (!(Math.abs(whole) <= greatest) || !Object.is(whole / scale, value) || Object.is(whole, -0)) return false;
  }
  return true;
}

function numbersOf(type: NumberType, decimals: number, bytes: Buffer): Float64Array {
  // Copied: a typed array begins at a multiple of its size.
  const kept = new ARRAYS[type](Uint8Array.from(bytes).buffer);
  const scale = 10 ** decimals;
  return Float64Array.from(kept, (value) => value / scale);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
