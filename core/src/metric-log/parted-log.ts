import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import { LOG_HEADER } from "./log-line.js";
import { baseBehind, isMissing, PartMissingError, PartReader, partsOf, type LogPart } from "./log-parts.js";
import { readAt, type Gap, type Readable } from "./read-log-lines.js";

const HEADER = Buffer.from(LOG_HEADER);

/** Positions from `from` on, up to `to`, are bytes of `source` from `base` on; undefined if it is missing. */
interface Segment {
  readonly from: number;
  readonly to: number;
  readonly base: number;
  readonly source: Readable | undefined;
  readonly path: string;
}

/**
 * A log by positions, which never change: what is at a position would be at that offset of one file without parts. The newest part may still
 * grow; the others are opened when they are read.
 */
export class PartedLog implements Readable {
  readonly gaps: readonly Gap[];
  /** The position of the first byte of the newest part, which is one of its header. */
  readonly base: number;
  readonly #segments: readonly Segment[];
  readonly #newest: Readable;

  /** @param parts - see `partsOf`. @param newest - the file that has the name of the log. */
  constructor(parts: readonly LogPart[], newest: Readable) {
    this.base = baseBehind(parts);
    this.gaps = gapsIn(parts);
    this.#segments = segmentsOf(parts);
    this.#newest = newest;
  }

  get length(): number {
    return this.base + this.#newest.length;
  }

  /** Fewer bytes at the end of the log, and before a part that is missing. @throws PartMissingError if `offset` is in one. */
  read(offset: number, length: number): Buffer {
    const newestFrom = this.#segments.length === 0 ? 0 : this.base + HEADER.length;
    if (offset >= newestFrom) return this.#newest.read(offset - this.base, length);
    const pieces: Buffer[] = [];
    for (let at = offset; at < offset + length;) {
      const piece = at >= newestFrom ? this.#newest.read(at - this.base, offset + length - at) : this.#readOlder(at, offset + length - at);
      if (piece === undefined && at === offset) throw new PartMissingError(this.#segmentAt(at)?.path ?? "");
      if (piece === undefined || piece.length === 0) break;
      pieces.push(piece);
      at += piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** Bytes of one part; undefined if it is missing. */
  #readOlder(position: number, length: number): Buffer | undefined {
    const segment = this.#segmentAt(position);
    return segment?.source?.read(position - segment.base, Math.min(length, segment.to - position));
  }

  #segmentAt(position: number): Segment | undefined {
    return this.#segments.find(({ from, to }) => position >= from && position < to);
  }
}

function gapsIn(parts: readonly LogPart[]): readonly Gap[] {
  let linesBefore = 0;
  return parts.flatMap(({ path, from, to, lines = 0, isMissing }) => {
    linesBefore += lines;
    return isMissing && from < to ? [{ path, from, to, lines, linesBefore }] : [];
  });
}

function segmentsOf(parts: readonly LogPart[]): readonly Segment[] {
  const [first] = parts;
  if (first === undefined) return [];
  const header = { length: HEADER.length, read: (offset: number, length: number) => HEADER.subarray(offset, offset + length) };
  return [
    { from: 0, to: HEADER.length, base: 0, source: header, path: first.path },
    ...parts.map((part) => ({
      from: part.from,
      to: part.to,
      base: part.from - HEADER.length,
      source: part.isMissing ? undefined : new PartReader(part),
      path: part.path,
    })),
  ];
}

/**
 * Hands a log with all its parts to `read`. What metrics adds or rotates meanwhile does not change it.
 *
 * @param path - of the log: its newest part. @param length - the position up to which it is read; default: all that is there now.
 * @throws the system's error if there is no log.
 */
export function withLog<T>(path: string, read: (log: Readable) => T, length?: number): T {
  const log = openLog(path, length);
  try {
    return read(log);
  } finally {
    log.close();
  }
}

/** A log with all its parts, which stays open until it is closed. @see withLog */
export function openLog(path: string, length?: number): Readable & { close(): void } {
  const { fd, parts } = openNewest(path);
  const size = fd === undefined ? HEADER.length : fstatSync(fd).size;
  const ownRead = (offset: number, most: number) =>
    fd === undefined ? HEADER.subarray(offset, offset + most) : readAt(fd, offset, Math.max(0, Math.min(most, size - offset)));
  const log = new PartedLog(parts, { length: size, read: ownRead });
  const end = length ?? log.length;
  return {
    length: end,
    gaps: log.gaps,
    read: (at, most) => log.read(at, Math.max(0, Math.min(most, end - at))),
    close: () => {
      if (fd !== undefined) closeSync(fd);
    },
  };
}

/** Opens the newest part, and finds those before it. No file: metrics was killed, or is, between two steps of a rotation. */
function openNewest(path: string): { readonly fd: number | undefined; readonly parts: readonly LogPart[] } {
  for (;;) {
    const fd = openIfThere(path);
    let isStill = false;
    try {
      const parts = partsOf(path);
      if (fd === undefined && parts.length === 0) throw missing(path);
      isStill = inodeOf(path) === (fd === undefined ? undefined : fstatSync(fd).ino);
      if (isStill) return { fd, parts };
    } finally {
      // It was rotated meanwhile, or cannot be read.
      if (fd !== undefined && !isStill) closeSync(fd);
    }
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT", path });
}
