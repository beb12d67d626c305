import { createHash, randomBytes } from "node:crypto";

/** Characters of the part that the ids of one request share. */
const PREFIX = 12;

/**
 * The beginning of the ids that are made for a request's rows. The same Idempotency-Key gives the same ids: a retry sends the
 * same rows again, which the log recognises, and no memory of keys is needed.
 *
 * @param key - the Idempotency-Key, if there is one. @param purpose - keeps the same key apart for different requests.
 */
export function idPrefix(key: string | undefined, purpose: string): string {
  const bytes = key === undefined ? randomBytes(16) : createHash("sha256").update(purpose).update("\0").update(key).digest();
  return BigInt(`0x${bytes.toString("hex")}`)
    .toString(36)
    .slice(-PREFIX)
    .padStart(PREFIX, "0");
}

/** The id of a request's row, from 0. */
export function madeId(prefix: string, row: number): string {
  return `${prefix}-${String(row + 1).padStart(7, "0")}`;
}
