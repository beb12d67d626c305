import { createHash } from "node:crypto";

/** Row numbers of the two parts, each ascending, together every row once. */
export interface RowSplit {
  readonly fitted: readonly number[];
  readonly heldOut: readonly number[];
}

/**
 * Splits rows at random into a part to fit on and a part held out.
 *
 * @param rows - number of rows.
 * @param fraction - share to hold out, 0 to 1; rounded to whole rows.
 * @param seed - the same seed gives the same split on every machine and version.
 * @returns row numbers from 0. Rows are shuffled by the SHA-256 of `seed:row`, so the split needs no random
 * number generator and can be repeated in any language: the rows with the smallest first 48 bits are held out.
 */
export function splitRows(rows: number, fraction: number, seed: number): RowSplit {
  const keys = Float64Array.from({ length: rows }, (_, row) => createHash("sha256").update(`${seed}:${row}`).digest().readUIntBE(0, 6));
  const shuffled = Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]! || a - b);
  const held = Math.round(rows * fraction);
  return {
    heldOut: shuffled.slice(0, held).sort((a, b) => a - b),
    fitted: shuffled.slice(held).sort((a, b) => a - b),
  };
}

/** @returns the given rows of every column, each [rows.length], in the order of `rows`. */
export function takeRows(columns: readonly Float64Array[], rows: readonly number[]): Float64Array[] {
  return columns.map((column) => Float64Array.from(rows, (row) => column[row]!));
}
