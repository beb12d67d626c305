import type { Ids } from "@streamgauge/core";

/** Two independent 32-bit hashes of each id of a frame, shape [n] each. */
export interface IdHashes {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/**
 * Hashes ids by their UTF-8 bytes: FNV-1a with two bases and primes, each finished with the mixer of MurmurHash3, which spreads
 * ids that differ only in their last digit. Callers must still compare the ids themselves.
 */
export function hashIds(ids: Ids): IdHashes {
  const { length, bytes, offsets } = ids;
  const low = new Uint32Array(length);
  const high = new Uint32Array(length);
  let at = 0;
  for (let i = 0; i < length; i += 1) {
    const end = offsets[i + 1] ?? at;
    let a = 0x811c9dc5;
    let b = 0x9747b28c;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b ^ byte, 0x5bd1e995);
    }
    low[i] = mix(a);
    high[i] = mix(b ^ Math.imul(a, 0x9e3779b1));
  }
  return { low, high };
}

/** fmix32 of MurmurHash3 (Appleby, public domain). */
function mix(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
