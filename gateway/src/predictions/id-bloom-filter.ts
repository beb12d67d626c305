/** 12.8 bits for each of 10 million ids, with 4 hashes: 0.5 % false positives. */
const BITS = 1 << 27;
const PROBES = 4;

/**
 * A Bloom filter of all ids ever asked for, in 16 MiB; without false negatives. Labels come for all rows of the pipeline, and few
 * of them need a look-up in the database.
 */
export class IdBloomFilter {
  #words: Uint32Array | undefined;

  add(id: string): void {
    const words = (this.#words ??= new Uint32Array(BITS / 32));
    for (const bit of bitsOf(id)) words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }

  /** False: never added. True: probably added. */
  mayHave(id: string): boolean {
    const words = this.#words;
    return words !== undefined && bitsOf(id).every((bit) => ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0);
  }

  /** Whether nothing was added. */
  get isEmpty(): boolean {
    return this.#words === undefined;
  }
}

/** Derives all hashes from two FNV hashes: Kirsch and Mitzenmacher, "Less hashing, same performance" (2006). */
function bitsOf(id: string): number[] {
  let one = 0x811c9dc5;
  let two = 0x9747b28c;
  for (let i = 0; i < id.length; i += 1) {
    const code = id.charCodeAt(i);
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ code, 0x85ebca6b) ^ (two >>> 15);
  }
  one ^= one >>> 16;
  two |= 1;
  return Array.from({ length: PROBES }, (_, i) => ((one + Math.imul(i, two)) >>> 0) % BITS);
}
