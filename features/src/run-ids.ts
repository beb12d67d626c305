import { randomBytes } from "node:crypto";
import { Ids } from "@streamgauge/core";

/** Digits of a row's number in its id: ids of one run sort in sending order up to this many. */
const DIGITS = 10;
const ZERO = 0x30;
const NINE = 0x39;

/** A name for a run that sorts by time and is not given twice: the time in ms and 20 random bits, in base 36. */
export function nameRun(now: number): string {
  const random = (randomBytes(3).readUIntBE(0, 3) & 0xfffff).toString(36).padStart(4, "0");
  return `${now.toString(36)}${random}`;
}

/** The ids of rows `first` … `first + count - 1` of a run: `<run>-0000000042`, with more digits for larger numbers. */
export function runIds(run: string, first: number, count: number): Ids {
  const wider = 10 ** Math.max(DIGITS, String(first).length);
  if (first + count > wider) return Ids.joined([runIds(run, first, wider - first), runIds(run, wider, first + count - wider)]);
  const pattern = Buffer.from(`${run}-${String(first).padStart(DIGITS, "0")}`);
  const width = pattern.length;
  const bytes = Buffer.allocUnsafe(width * count);
  const offsets = new Int32Array(count + 1);
  for (let i = 0; i < count; i += 1) {
    bytes.set(pattern, i * width);
    offsets[i + 1] = (i + 1) * width;
    // Counting up in place is several times faster than formatting each number.
    let digit = width - 1;
    while (pattern[digit] === NINE) pattern[digit--] = ZERO;
    pattern[digit] = (pattern[digit] ?? ZERO) + 1;
  }
  return new Ids(bytes, offsets);
}
