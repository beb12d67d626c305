import { type FileHandle, open } from "node:fs/promises";
import { MAX_LINE_BYTES } from "./line-end.js";
import { LogCursor } from "./log-cursor.js";
import { LOG_HEADER } from "./log-line.js";
import type { LogLines } from "./log-lines.js";

// A chunk of this size was measured to block the event loop for 3 ms.
const CHUNK_BYTES = 256 * 1024;
// As many bytes before the place where reading stopped are compared before reading goes on.
const REMEMBERED_BYTES = 256;
const HEADER = Buffer.from(LOG_HEADER);
const NO_BYTES = Buffer.alloc(0);

/** The lines that were appended to the log since the last reading. */
export interface LogBatch extends LogLines {
  /** The log was replaced, cut or deleted: forget everything read before; what is in this batch is the first of what is there now. */
  readonly startedOver: boolean;
  /** False when there was more to read than one chunk. */
  readonly reachedEnd: boolean;
}

/** The log exists and cannot be read. */
export class LogUnreadableError extends Error {
  override readonly name = "LogUnreadableError";
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`Cannot read the log ${path}: check that it is a file and that this user may read it.`, { cause });
    this.path = path;
  }
}

/**
 * Reads a log that another process appends to, from where the last reading stopped. Errors are read as they are written.
 *
 * A last line that is still being written is left for the next reading. A log that does not exist is an empty one.
 * A log that was replaced or cut is read again from its start; that is noticed by its inode, its length, and the bytes
 * before the place where reading stopped (an inode may be given again to another file, and a log that was cut may have
 * grown again).
 *
 * Holds one chunk of 256 KiB, and no open file between readings.
 */
export class LogTail {
  readonly #path: string;
  readonly #chunk: Buffer;
  #inode: number | undefined;
  #cursor = atStart();
  #remembered: Buffer = NO_BYTES;

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
    const { startedOver, reachedEnd, appended } = await this.#readAppended();
    const before = this.#cursor.offset;
    const lines = this.#take(appended);
    if (this.#cursor.offset === before && !startedOver) return undefined;
    return { startedOver, reachedEnd, ...lines };
  }

  async #readAppended(): Promise<{ startedOver: boolean; reachedEnd: boolean; appended: Buffer }> {
    try {
      const file = await open(this.#path, "r");
      try {
        const startedOver = !(await this.#isSameLog(file)) && this.#startOver();
        const { bytesRead } = await file.read(this.#chunk, 0, this.#chunk.length, this.#cursor.offset);
        return { startedOver, reachedEnd: bytesRead < this.#chunk.length, appended: this.#chunk.subarray(0, bytesRead) };
      } finally {
        await file.close();
      }
    } catch (error) {
      if (isMissing(error)) return { startedOver: this.#startOver(), reachedEnd: true, appended: NO_BYTES };
      throw new LogUnreadableError(this.#path, error);
    }
  }

  async #isSameLog(file: FileHandle): Promise<boolean> {
    const { ino, size } = await file.stat();
    const sameInode = this.#inode === undefined || this.#inode === ino;
    this.#inode = ino;
    if (!sameInode || size < this.#cursor.offset) return false;
    const known = this.#remembered.length;
    await file.read(this.#chunk, 0, known, this.#cursor.offset - known);
    return this.#chunk.subarray(0, known).equals(this.#remembered);
  }

  /** Reads from the start again. */
  rewind(): void {
    this.#startOver();
  }

  /** @returns whether lines had been read, which no longer count. */
  #startOver(): boolean {
    const hadRead = this.#cursor.offset > 0;
    this.#cursor = atStart();
    this.#remembered = NO_BYTES;
    return hadRead;
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

function atStart(): LogCursor {
  return new LogCursor(0, "written");
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
