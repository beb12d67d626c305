import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";

/** Keys that clients may have. */
export class KnownKeys {
  readonly #hashes: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#hashes = keys.map(hashOf);
  }

  get isEmpty(): boolean {
    return this.#hashes.length === 0;
  }

  has(key: string): boolean {
    const hash = hashOf(key);
    // Compares with every key in constant time, so that timing reveals nothing.
    return this.#hashes.filter((known) => timingSafeEqual(known, hash)).length > 0;
  }

  /** A secret that only who knows all keys can compute; another one when a key is added or withdrawn. */
  secret(): Buffer {
    return hashOf(Buffer.concat(this.#hashes));
  }
}

/** The key that a request sends. */
export function keyOf({ headers }: Pick<FastifyRequest, "headers">): string | undefined {
  const given = headers["x-api-key"];
  if (typeof given === "string") return given;
  const [, bearer] = /^Bearer (\S+)$/i.exec(headers.authorization ?? "") ?? [];
  return bearer;
}

function hashOf(key: string | Buffer): Buffer {
  return createHash("sha256").update(key).digest();
}
