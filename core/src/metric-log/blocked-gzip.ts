import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { gunzipSync, gzip } from "node:zlib";
import { promisify } from "node:util";
import type { Readable } from "./read-log-lines.js";

/**
 * Gzip in blocks (BGZF: the SAM/BAM format specification, §4.1): independent members of at most 64 KiB, each of which says how long it is, in the
 * extra field `BC`. Every gzip reads it as one file, and a block is read without those before it.
 */

/** Bytes of the file that go into one block, as bgzip has it: a block of any content stays below 64 KiB. */
export const BLOCK_BYTES = 0xff00;

/** The member without content that ends a whole file. */
export const LAST_BLOCK = Buffer.from("1f8b08040000000000ff0600424302001b0003000000000000000000", "hex");

/** gzip, with an extra field of 6 bytes: `BC`, 2 bytes, the length of the member less 1. */
const BLOCK_START = Buffer.from("1f8b08040000000000ff060042430200", "hex");
const START_BYTES = BLOCK_START.length + 2;
/** The length of the content, at the end of a member. */
const SIZE_BYTES = 4;
/** What gzip writes before the deflated bytes. */
const GZIP_START_BYTES = 10;

const compress = promisify(gzip);

/** One block. Compressed in a thread of the pool. @param bytes - at most `BLOCK_BYTES`. */
export async function blockOf(bytes: Buffer): Promise<Buffer> {
  const rest = (await compress(bytes)).subarray(GZIP_START_BYTES);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(START_BYTES + rest.length - 1);
  return Buffer.concat([BLOCK_START, length, rest]);
}

/** A file is not gzip in blocks, or not a whole one. */
export class BlockedGzipError extends Error {
  override readonly name = "BlockedGzipError";
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path} ${problem}: restore it from a backup, unpack it with gunzip (metrics compresses it again), or move it away.`);
    this.path = path;
  }
}

/** Reads the content of a file of blocks at any offset. It holds the places of the blocks, one unpacked block, and no open file. */
export class BlockedGzip implements Readable {
  readonly #path: string;
  /** Where each block begins in the file, and in its content; the last of each is the end. */
  readonly #places: readonly number[];
  readonly #offsets: readonly number[];
  #unpacked: { readonly block: number; readonly bytes: Buffer } | undefined;

  private constructor(path: string, places: readonly number[], offsets: readonly number[]) {
    this.#path = path;
    this.#places = places;
    this.#offsets = offsets;
  }

  /** @throws BlockedGzipError; the error of the system if it cannot be opened. */
  static open(path: string): BlockedGzip {
    return withFile(path, (fd) => {
      const { size } = fstatSync(fd);
      const places = [0];
      const offsets = [0];
      for (let [place, offset] = [0, 0]; place < size;) {
        const length = blockLength(read(fd, place, START_BYTES));
        if (length === undefined) throw new BlockedGzipError(path, `is not gzip in blocks (at byte ${place})`);
        if (place + length > size) throw new BlockedGzipError(path, "ends within a block");
        place += length;
        offset += read(fd, place - SIZE_BYTES, SIZE_BYTES).readUInt32LE();
        places.push(place);
        offsets.push(offset);
      }
      if (!read(fd, Math.max(0, size - LAST_BLOCK.length), LAST_BLOCK.length).equals(LAST_BLOCK))
        throw new BlockedGzipError(path, "has lost its end");
      return new BlockedGzip(path, places, offsets);
    });
  }

  /** Bytes of the content. */
  get length(): number {
    return this.#offsets.at(-1) ?? 0;
  }

  /** @throws BlockedGzipError if a block is damaged. */
  read(offset: number, length: number): Buffer {
    const pieces: Buffer[] = [];
    const end = Math.min(this.length, offset + length);
    for (let at = offset; at < end;) {
      const block = this.#blockAt(at);
      const start = this.#offsets[block] ?? 0;
      const piece = this.#contentOf(block).subarray(at - start, end - start);
      pieces.push(piece);
      at += piece.length;
    }
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  }

  /** The block that has the content at this offset. */
  #blockAt(offset: number): number {
    let [low, high] = [0, this.#offsets.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#offsets[middle + 1] ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #contentOf(block: number): Buffer {
    if (this.#unpacked?.block === block) return this.#unpacked.bytes;
    const place = this.#places[block] ?? 0;
    const packed = withFile(this.#path, (fd) => read(fd, place, (this.#places[block + 1] ?? place) - place));
    const bytes = this.#unpack(packed, place);
    const expected = (this.#offsets[block + 1] ?? 0) - (this.#offsets[block] ?? 0);
    if (bytes.length !== expected) throw new BlockedGzipError(this.#path, `was changed (at byte ${place})`);
    this.#unpacked = { block, bytes };
    return bytes;
  }

  #unpack(packed: Buffer, place: number): Buffer {
    try {
      return gunzipSync(packed);
    } catch {
      throw new BlockedGzipError(this.#path, `is damaged at byte ${place}`);
    }
  }
}

/** The length of the block that starts so; undefined if none does. */
function blockLength(start: Buffer): number | undefined {
  if (start.length < START_BYTES || !start.subarray(0, BLOCK_START.length).equals(BLOCK_START)) return undefined;
  return start.readUInt16LE(BLOCK_START.length) + 1;
}

function withFile<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, "r");
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function read(fd: number, place: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, place));
}
