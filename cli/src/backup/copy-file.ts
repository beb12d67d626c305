import { createHash } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** The bytes of a file that were read: how many, and their SHA-256 in hexadecimal. */
export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
}

const PIECE_BYTES = 1 << 20;

/**
 * Copies the first `bytes` of a file, durably; all of it if they are left out. Its folder is created if missing.
 *
 * @returns what was copied: fewer bytes if the file is shorter.
 */
export function copyStart(from: string, to: string, bytes = Infinity): Digest {
  return writeNew(to, (write) => eachPiece(from, bytes, write));
}

/** Hands a new file to `fill`, durably. Its folder is created if missing. @returns what `fill` does. */
export function writeNew<T>(to: string, fill: (write: (piece: Buffer) => void) => T): T {
  mkdirSync(dirname(to), { recursive: true });
  const fd = openSync(to, "wx");
  try {
    const result = fill((piece) => {
      for (let written = 0; written < piece.length;) written += writeSync(fd, piece, written);
    });
    fsyncSync(fd);
    return result;
  } finally {
    closeSync(fd);
  }
}

/** The digest of a whole file. */
export function digestOf(path: string): Digest {
  return eachPiece(path, Infinity, () => undefined);
}

function eachPiece(path: string, bytes: number, take: (piece: Buffer) => void): Digest {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  const fd = openSync(path, "r");
  let at = 0;
  try {
    while (at < bytes) {
      const count = readSync(fd, buffer, 0, Math.min(PIECE_BYTES, bytes - at), at);
      if (count === 0) break;
      const piece = buffer.subarray(0, count);
      hash.update(piece);
      take(piece);
      at += count;
    }
  } finally {
    closeSync(fd);
  }
  return { bytes: at, sha256: hash.digest("hex") };
}
