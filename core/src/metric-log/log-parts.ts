import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { BlockedGzip } from "./blocked-gzip.js";
import { LOG_HEADER } from "./log-line.js";
import { compressedPath, partFilesOf, partPath, type PartName } from "./part-files.js";
import { notedParts } from "./parts-manifest.js";
import { readAt, type Readable } from "./read-log-lines.js";

/** Bytes of the header that each part has. Positions count it once, in the first part. */
const HEADER_BYTES = LOG_HEADER.length;

/** A finished part of a log, and the positions of its lines. */
export interface LogPart extends PartName {
  /** Where its lines begin and end, as positions in the log. */
  readonly from: number;
  readonly to: number;
  /** Lines in it; undefined if that is not noted yet. */
  readonly lines: number | undefined;
  /** Of the part before it is compressed. */
  readonly path: string;
  /** Whether the file was deleted. */
  readonly isMissing: boolean;
}

/** A part of a log that was deleted, and is needed. */
export class PartMissingError extends Error {
  override readonly name = "PartMissingError";
  readonly path: string;

  constructor(path: string) {
    super(`${path} is missing, and so is ${compressedPath(path)}: restore one of them from a backup.`);
    this.path = path;
  }
}

/** A part of a log is not as it was when it was finished. */
export class PartChangedError extends Error {
  override readonly name = "PartChangedError";
  readonly path: string;

  constructor(path: string, what: string) {
    super(`${path} ${what}: restore it from a backup, or move it away.`);
    this.path = path;
  }
}

/**
 * The finished parts of a log, in order. Those that are not noted, for metrics was killed between two steps of a rotation or the list was lost,
 * follow from their files.
 */
export function partsOf(log: string): readonly LogPart[] {
  // Before the files: one that is finished meanwhile is not noted, rather than missing.
  const noted = notedParts(log);
  const files = new Map(partFilesOf(log).map((file) => [file.number, file]));
  const parts: LogPart[] = [];
  const end = () => parts.at(-1)?.to ?? HEADER_BYTES;
  for (const { number, day, to, lines } of noted) {
    const path = partPath(log, { number, day });
    // Of one that was missing at a start nothing counts any more.
    parts.push({ number, day, from: end(), to, lines, path, isMissing: !files.has(number) || to === end() });
  }
  const last = noted.at(-1)?.number ?? 0;
  for (const { number, day } of files.values()) {
    if (number <= last) continue;
    const path = partPath(log, { number, day });
    const to = end() + openFile(path).length - HEADER_BYTES;
    parts.push({ number, day, from: end(), to, lines: undefined, path, isMissing: false });
  }
  return parts;
}

/** The position at which the file of a part would begin that follows these: the first byte of its header. */
export function baseBehind(parts: readonly LogPart[]): number {
  return (parts.at(-1)?.to ?? HEADER_BYTES) - HEADER_BYTES;
}

/** Reads a finished part by the offsets in its file, header and all, whether it is compressed meanwhile or not. Holds no open file. */
export class PartReader implements Readable {
  readonly part: LogPart;
  #content: Readable | undefined;

  constructor(part: LogPart) {
    this.part = part;
  }

  /** Bytes of the file, uncompressed. */
  get length(): number {
    return this.part.to - this.part.from + HEADER_BYTES;
  }

  /** @throws PartMissingError, PartChangedError, BlockedGzipError */
  read(offset: number, length: number): Buffer {
    try {
      return this.#opened.read(offset, length);
    } catch (error) {
      if (!isMissing(error)) throw error;
      // It was compressed since.
      this.#content = undefined;
      return this.#opened.read(offset, length);
    }
  }

  get #opened(): Readable {
    if (this.#content !== undefined) return this.#content;
    const content = openFile(this.part.path);
    const { path } = this.part;
    if (content.length !== this.length) throw new PartChangedError(path, `has ${content.length} bytes; ${this.length} were committed`);
    if (content.read(0, HEADER_BYTES).toString("utf8") !== LOG_HEADER)
      throw new PartChangedError(path, "does not begin with the header of a log");
    return (this.#content = content);
  }
}

/** @throws PartMissingError */
function openFile(path: string): Readable {
  try {
    return { length: statSync(path).size, read: (offset, length) => readOnce(path, offset, length) };
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const compressed = compressedPath(path);
  if (!existsSync(compressed)) throw new PartMissingError(path);
  return BlockedGzip.open(compressed);
}

function readOnce(path: string, offset: number, length: number): Buffer {
  const fd = openSync(path, "r");
  try {
    return readAt(fd, offset, length);
  } finally {
    closeSync(fd);
  }
}

/** Whether an error says that a file does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
