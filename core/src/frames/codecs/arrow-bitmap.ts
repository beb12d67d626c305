import type { Cell } from "../frame.js";

/** A bit for each cell, lowest first: 1 where there is a value. */
export function bitmapOf(column: readonly Cell[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(column.length / 8));
  for (const [row, cell] of column.entries()) if (cell !== null) bitmap[row >> 3]! |= 1 << (row & 7);
  return bitmap;
}
