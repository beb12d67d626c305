import { createHash, randomUUID } from "node:crypto";
import { Ids } from "@streamgauge/core";

/** Length of the prefix that the ids of one request share. */
const PREFIX = 12;

/**
 * The prefix of the ids that are generated for a request's rows. The same Idempotency-Key gives the same ids: a retry sends the
 * same rows again, the log recognises them as duplicates, and keys need not be stored.
 *
 * @param key - the Idempotency-Key, if any. @param purpose - separates requests of different kinds with the same key.
 */
export function idPrefix(key: string | undefined, purpose: string): string {
  // Node keeps random bytes in stock for UUIDs; asking the system for some takes a twentieth of a request.
  const hex =
    key === undefined ? randomUUID().replaceAll("-", "") : createHash("sha256").update(purpose).update("\0").update(key).digest("hex");
  return BigInt(`0x${hex}`).toString(36).slice(-PREFIX).padStart(PREFIX, "0");
}

/** The generated id of a request's row, from 0. */
export function madeId(prefix: string, row: number): string {
  return `${prefix}-${String(row + 1).padStart(7, "0")}`;
}

/** A row of a request. */
export interface MadeRow {
  readonly prefix: string;
  /** From 0. */
  readonly row: number;
}

/** What a generated id says; undefined if it is not one of the first ten million of a request. */
export function readMadeId(id: string): MadeRow | undefined {
  const [, prefix, digits] = MADE_ID.exec(id) ?? [];
  const row = Number(digits) - 1;
  return prefix === undefined || row < 0 ? undefined : { prefix, row };
}

const MADE_ID = /^([0-9a-z]{12})-([0-9]{7})$/;
const DIGITS = 7;
const LENGTH = PREFIX + 1 + DIGITS;

/** The ids of a request's first rows. */
export function madeIds(prefix: string, rows: number): Ids {
  for (let row = tails.length; row < rows; row += 1) tails.push(madeId("", row));
  const bytes = Buffer.from(prefix + tails.slice(0, rows).join(prefix), "latin1");
  const offsets = new Int32Array(rows + 1);
  for (let row = 0; row <= rows; row += 1) offsets[row] = row * LENGTH;
  return new Ids(bytes, offsets);
}

/** What follows the prefix in the ids of each request. */
const tails: string[] = [];

/** Rows of one request among those of a message. */
export interface MadeRows {
  readonly prefix: string;
  /** Their numbers in the request, from 0. */
  readonly rows: number[];
  /** Where they are in the message. */
  readonly positions: number[];
}

/** The generated ids among those of a message, by request. @param isWanted - by prefix; the others are left out. */
export function madeRowsIn(ids: Ids, isWanted: (prefix: string) => boolean): readonly MadeRows[] {
  const found = new Map<string, MadeRows | undefined>();
  let current: MadeRows | undefined;
  let prefix = "";
  for (let i = 0; i < ids.length; i += 1) {
    // Ids of one request follow each other: the text of each need not be taken out.
    let row = ids.isAscii && prefix !== "" && ids.text.startsWith(prefix, ids.start(i)) ? rowIn(ids.text, ids.start(i), ids.end(i)) : -1;
    if (row < 0) {
      const made = readMadeId(ids.at(i));
      if (made === undefined) continue;
      ({ prefix, row } = made);
      if (!found.has(prefix)) found.set(prefix, isWanted(prefix) ? { prefix, rows: [], positions: [] } : undefined);
      current = found.get(prefix);
    }
    current?.rows.push(row);
    current?.positions.push(i);
  }
  return [...found.values()].filter((rows) => rows !== undefined);
}

/** The row of the id there; below 0 if it is no generated id. */
function rowIn(text: string, start: number, end: number): number {
  if (end - start !== LENGTH || text.charCodeAt(start + PREFIX) !== DASH) return -1;
  let number = 0;
  for (let at = start + PREFIX + 1; at < end; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number - 1;
}

const DASH = 45;
const ZERO = 48;
