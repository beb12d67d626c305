import { createHash, randomUUID } from "node:crypto";

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
