import { type FileHandle, open } from "node:fs/promises";
import { MAX_LINE_BYTES } from "./line-end.js";
import { LogCursor } from "./log-cursor.js";
import { LOG_HEADER } from "./log-line.js";
import type { LogLines } from "./log-lines.js";
import { BlockedGzipError } from "./blocked-gzip.js";
import { isMissing, PartChangedError, PartMissingError, PartReader, partsOf, type LogPart } from "./log-parts.js";

// A chunk of this size was measured to block the event loop for 3 ms.
const CHUNK_BYTES = 256 * 1024;
// As many bytes before the place where reading stopped are compared before reading goes on.
const REMEMBERED_BYTES = 256;
const HEADER = Buffer.from(LOG_HEADER);
const NO_BYTES = Buffer.alloc(0);

/** The lines that were appended to the log since the last reading. Offsets are those in the part that they are read from. */
export interface LogBatch extends LogLines {
  /** The log was replaced, cut or deleted: forget everything read before; what is in this batch is the first of what is there now. */
  readonly startedOver: boolean;
  /** False when there was more to read than one chunk. */
  readonly reachedEnd: boolean;
  /** Parts of the log before these lines that are missing. */
  readonly missing: readonly string[];
}

/** The log exists and cannot be read. */
export class LogUnreadableError extends Error {
  override readonly name = "LogUnreadableError";
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(isOfPart(cause) ? cause.message : `Cannot read the log ${path}: check that it is a file and that this user may read it.`, {
      cause,
    });
    this.path = path;
  }
}

function isOfPart(error: unknown): error is Error {
  return error instanceof PartMissingError || error instanceof PartChangedError || error instanceof BlockedGzipError;
}

/** What the next reading found. */
interface Reading {
  readonly reachedEnd: boolean;
  readonly appended: Buffer;
}

/** The newest part of a log, as it is now. */
interface Newest {
  readonly file: FileHandle;
  readonly inode: number;
  readonly size: number;
}

/**
 * Reads a log that another process appends to, from where the last reading stopped, part after part. Errors are read as they are written.
 *
 * A last line that is still being written is left for the next reading. A log that does not exist is an empty one.
 * A part that metrics finishes or compresses meanwhile is read on under its new name, known by its number. A log that was
 * replaced or cut is read again from its start; that is noticed by its inode, its length, and the bytes
 * before the place where reading stopped (an inode may be given again to another file, and a log that was cut may have
 * grown again).
 *
 * Holds one chunk of 256 KiB, and no open file between readings.
 */
export class LogTail {
  readonly #path: string;
  readonly #chunk: Buffer;
  /** The part that is read: undefined before the first. */
  #number: number | undefined;
  /** Of the newest part, if that is read. */
  #inode: number | undefined;
  /** The finished part that is read, if one is. */
  #older: PartReader | undefined;
  #cursor = atStart();
  #remembered: Buffer = NO_BYTES;
  #missing: string[] = [];
  /** Whether lines that were handed out no longer count, and that was not said yet: a reading that finds it may fail. */
  #startedOver = false;

  /** @param options - `chunkBytes`: the most that is read at a time, default 262144, at least 2048 (two of the longest lines). */
  constructor(path: string, options: { readonly chunkBytes?: number } = {}) {
    this.#path = path;
    this.#chunk = Buffer.alloc(Math.max(options.chunkBytes ?? CHUNK_BYTES, 2 * MAX_LINE_BYTES));
  }

  /**
   * @returns the next lines, at most one chunk of them; undefined if there is nothing new. One call at a time.
   * @throws LogUnreadableError when the log exists and cannot be read; call again when it can.
   */
  async next(): Promise<LogBatch | undefined> {
    const { reachedEnd, appended } = await this.#readAppended();
    const before = this.#cursor.offset;
    const lines = this.#take(appended);
    if (this.#cursor.offset === before && !this.#startedOver) {
      if (this.#older === undefined) return undefined;
      // Its last line has no end, and gets none any more.
      this.#cursor = new LogCursor(this.#older.length, "written");
      this.#remembered = NO_BYTES;
      return this.next();
    }
    const [missing, startedOver] = [this.#missing, this.#startedOver];
    this.#missing = [];
    this.#startedOver = false;
    return { startedOver, reachedEnd, missing, ...lines };
  }

  async #readAppended(): Promise<Reading> {
    try {
      const newest = await openNewest(this.#path);
      try {
        return await this.#readFrom(newest);
      } finally {
        await newest?.file.close();
      }
    } catch (error) {
      throw new LogUnreadableError(this.#path, error);
    }
  }

  async #readFrom(newest: Newest | undefined): Promise<Reading> {
    const isSame = newest !== undefined && (await this.#isSame(newest));
    // A header alone is that of any part.
    const isStill = isSame && this.#cursor.offset > HEADER.length;
    // Looked for behind the open: whatever was rotated before that is found, and the open file is the newest part behind those.
    if (!isStill) this.#find(partsOf(this.#path), newest, isSame);
    if (this.#older !== undefined) return { reachedEnd: false, appended: this.#readOlder(this.#older) };
    if (newest === undefined) return { reachedEnd: true, appended: NO_BYTES };
    const { bytesRead } = await newest.file.read(this.#chunk, 0, this.#chunk.length, this.#cursor.offset);
    return { reachedEnd: bytesRead < this.#chunk.length, appended: this.#chunk.subarray(0, bytesRead) };
  }

  /**
   * Finds the part to read next: the same one, under whatever name it has now, or if that is read to its end the one behind it; the first one
   * if the log is no longer what was read.
   *
   * @param isSame - whether the newest part can be the one that was read.
   */
  #find(parts: readonly LogPart[], newest: Newest | undefined, isSame: boolean): void {
    const last = parts.at(-1)?.number ?? 0;
    const hasGone = this.#number !== undefined && this.#number > last && !isSame;
    if (hasGone || !this.#isIn(parts)) this.#startOver();
    const next = parts.find((part) => part.number >= (this.#number ?? 0) && !this.#isRead(part));
    if (next !== undefined) this.#readPart(next);
    else if (newest !== undefined) this.#readNewest(last + 1, newest.inode);
    else this.#older = undefined;
  }

  /** Whether the part that was read is there with the same bytes, deleted, or none of the finished ones. */
  #isIn(parts: readonly LogPart[]): boolean {
    const part = parts.find(({ number }) => number === this.#number);
    if (part === undefined || part.isMissing) return true;
    const reader = this.#older?.part.number === part.number ? this.#older : new PartReader(part);
    const known = this.#remembered.length;
    this.#older = reader;
    return reader.read(this.#cursor.offset - known, known).equals(this.#remembered);
  }

  /** Whether there is nothing more to read of a part. One that is missing is noted. */
  #isRead(part: LogPart): boolean {
    const isSame = part.number === this.#number;
    const end = part.to - part.from + HEADER.length;
    if (isSame && this.#cursor.offset >= end) return true;
    if (!part.isMissing) return false;
    if (!this.#missing.includes(part.path)) this.#missing.push(part.path);
    return true;
  }

  #readPart(part: LogPart): void {
    if (part.number !== this.#number) this.#begin(part.number);
    if (this.#older?.part.number !== part.number) this.#older = new PartReader(part);
    this.#inode = undefined;
  }

  #readNewest(number: number, inode: number): void {
    if (number !== this.#number) this.#begin(number);
    this.#older = undefined;
    this.#inode = inode;
  }

  #begin(number: number): void {
    this.#number = number;
    this.#cursor = atStart();
    this.#remembered = NO_BYTES;
  }

  #readOlder(older: PartReader): Buffer {
    return older.read(this.#cursor.offset, Math.min(this.#chunk.length, older.length - this.#cursor.offset));
  }

  /** Whether the newest part has the inode and the bytes of the one that was read. */
  async #isSame({ file, inode, size }: Newest): Promise<boolean> {
    if (inode !== this.#inode || size < this.#cursor.offset) return false;
    const known = this.#remembered.length;
    await file.read(this.#chunk, 0, known, this.#cursor.offset - known);
    return this.#chunk.subarray(0, known).equals(this.#remembered);
  }

  /** Reads from the start again, as if nothing had been read. */
  rewind(): void {
    this.#startOver();
    this.#startedOver = false;
  }

  #startOver(): void {
    this.#startedOver ||= this.#cursor.offset > 0 || (this.#number ?? 1) > 1;
    this.#cursor = atStart();
    this.#remembered = NO_BYTES;
    this.#number = undefined;
    this.#inode = undefined;
    this.#older = undefined;
    this.#missing = [];
  }

  #take(appended: Buffer): LogLines {
    const before = this.#cursor.offset;
    const hasHeader = before === 0 && appended.subarray(0, HEADER.length).equals(HEADER);
    if (hasHeader) this.#cursor = new LogCursor(HEADER.length, "written");
    const lines = this.#cursor.take(hasHeader ? appended.subarray(HEADER.length) : appended);
    this.#remember(appended.subarray(0, this.#cursor.offset - before));
    return lines;
  }

  #remember(taken: Buffer): void {
    const last = Buffer.concat([this.#remembered, taken.subarray(-REMEMBERED_BYTES)]);
    // A copy, so that the rest of what was joined can be freed.
    this.#remembered = Buffer.from(last.subarray(-REMEMBERED_BYTES));
  }
}

async function openNewest(path: string): Promise<Newest | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { ino, size } = await file.stat();
    return { file, inode: ino, size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function atStart(): LogCursor {
  return new LogCursor(0, "written");
}
