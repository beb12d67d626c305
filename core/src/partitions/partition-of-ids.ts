import type { Ids } from "../frames/ids.js";

/** More partitions than this are more queues than a broker should have for one lane. */
export const MOST_PARTITIONS = 64;

/**
 * The partition of each id, shape [n], from 1 to `of`: FNV-1a over its UTF-8 bytes, finished with fmix32 of MurmurHash3 (Appleby, public
 * domain), and of that number the share of 2³². It must never change: logs are divided by it.
 */
export function partitionsOfIds({ length, bytes, offsets }: Ids, of: number): Uint8Array {
  const partitions = new Uint8Array(length);
  let at = 0;
  for (let row = 0; row < length; row += 1) {
    const end = offsets[row + 1] ?? at;
    let hash = 0x811c9dc5;
    for (; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    partitions[row] = 1 + Math.floor((mixed(hash) / 2 ** 32) * of);
  }
  return partitions;
}

function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
