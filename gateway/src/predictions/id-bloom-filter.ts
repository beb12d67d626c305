/** Bits for each of 10 million ids: 12.8 each, where 4 of them are set, give 0.5 % that are taken for known and are not. */
const BITS = 1 << 27;
const PROBES = 4;

/**
 * Which ids were ever asked for, in 16 MiB whatever their number: never a "no" for one that was. Labels come for all rows of
 * the pipeline, and nearly none of them need be looked for in the database.
 */
export class IdBloomFilter {
  #words: Uint32Array | undefined;

  add(id: string): void {
    const words = (this.#words ??= new Uint32Array(BITS / 32));
    for (const bit of bitsOf(id)) words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }

  /** False: it was not added. True: it probably was. */
  mayHave(id: string): boolean {
    const words = this.#words;
    return words !== undefined && bitsOf(id).every((bit) => ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0);
  }

  /** Whether none was added. */
  get isEmpty(): boolean {
    return this.#words === undefined;
  }
}

/** Two hashes of FNV's kind make all of them: Kirsch and Mitzenmacher, "Less hashing, same performance" (2006). */
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
