import { setTimeout as delay } from "node:timers/promises";
import { now } from "../clock.js";

/** Calls `send` for each row at an even pace. No timer is finer than 1 ms; rows that fall due meanwhile leave together. @returns when each left, in ms. */
export async function sendAtPace(rows: number, rowsPerSecond: number, send: (row: number) => void): Promise<Float64Array> {
  const sent = new Float64Array(rows);
  const began = now();
  for (let row = 0; row < rows;) {
    const due = Math.min(rows, Math.floor(((now() - began) / 1000) * rowsPerSecond) + 1);
    for (; row < due; row += 1) {
      sent[row] = now();
      send(row);
    }
    await delay(1);
  }
  return sent;
}
