import { type FileHandle, open } from "node:fs/promises";
import { completeLength, LONGEST_RECORD } from "./log-records.js";
import { LOG_COLUMNS, type ParsedLog, parseLog } from "./parse-log.js";

// Measured: a chunk of this size takes 3 ms, with quotes 6 to 9 ms, for which the event loop is blocked; csv-parse gets
// slower above 1 MiB (docs/adr).
const CHUNK_BYTES = 256 * 1024;
// As many bytes before the place where reading stopped are compared before reading goes on.
const REMEMBERED_BYTES = 256;
const HEADER = Buffer.from(`${LOG_COLUMNS.join(",")}\n`);
const NO_BYTES = Buffer.alloc(0);

/** How records of the log are read. */
export interface LogReader<P> {
  /** @param bytes - whole records, without the header. */
  readonly parse: (bytes: Buffer) => P;
  /** What no records at all are. */
  readonly nothing: P;
}

/** What is read by whoever wants nothing else: `absoluteErrors` in the target's unit, and how many lines were no rows. */
export const READ_ERRORS: LogReader<ParsedLog> = { parse: parseLog, nothing: { absoluteErrors: new Float64Array(0), malformed: 0 } };

/** Where in the log a batch stands. */
export interface BatchPlace {
  /** The log was replaced, cut or deleted: forget everything read before; what is in this batch is the first of what is there now. */
  readonly startedOver: boolean;
  /** False when there was more to read than one chunk. */
  readonly reachedEnd: boolean;
}

/** What was appended to the log since the last reading. */
export type LogBatch<P = ParsedLog> = P & BatchPlace;

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
 * Reads a log that another process appends to, from where the last reading stopped.
 *
 * A last line that is still being written is left for the next reading. A log that does not exist is an empty one.
 * A log that was replaced or cut is read again from its start; that is noticed by its inode, its length, and the bytes
 * before the place where reading stopped (an inode may be given again to another file, and a log that was cut may have
 * grown again).
 *
 * Holds one chunk of 256 KiB, and no open file between readings.
 */
export class LogTail<P extends { readonly malformed: number }> {
  readonly #path: string;
  readonly #reader: LogReader<P>;
  readonly #chunk: Buffer;
  #inode: number | undefined;
  #offset = 0;
  #remembered: Buffer = NO_BYTES;

  /** @param options - `chunkBytes`: the most that is read at a time, default 262144, at least 8192 (two of the longest records). */
  constructor(path: string, reader: LogReader<P>, options: { readonly chunkBytes?: number } = {}) {
    this.#path = path;
    this.#reader = reader;
    this.#chunk = Buffer.alloc(Math.max(options.chunkBytes ?? CHUNK_BYTES, 2 * LONGEST_RECORD));
  }

  /**
   * @returns the next rows, at most one chunk of them; nothing when there is nothing new. One call at a time.
   * @throws LogUnreadableError when the log exists and cannot be read; call again when it can.
   */
  async next(): Promise<LogBatch<P> | undefined> {
    const { startedOver, reachedEnd, appended } = await this.#readAppended();
    const rows = this.#takeRows(appended);
    if (rows === undefined && !startedOver) return undefined;
    return { startedOver, reachedEnd, ...(rows ?? this.#reader.nothing) };
  }

  async #readAppended(): Promise<{ startedOver: boolean; reachedEnd: boolean; appended: Buffer }> {
    try {
      const file = await open(this.#path, "r");
      try {
        const startedOver = !(await this.#isSameLog(file)) && this.#startOver();
        const { bytesRead } = await file.read(this.#chunk, 0, this.#chunk.length, this.#offset);
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
    if (!sameInode || size < this.#offset) return false;
    const known = this.#remembered.length;
    await file.read(this.#chunk, 0, known, this.#offset - known);
    return this.#chunk.subarray(0, known).equals(this.#remembered);
  }

  /** Reads from the start again. */
  rewind(): void {
    this.#startOver();
  }

  /** @returns whether anything had been read that is now to be forgotten. */
  #startOver(): boolean {
    const hadRead = this.#offset > 0;
    this.#offset = 0;
    this.#remembered = NO_BYTES;
    return hadRead;
  }

  #takeRows(appended: Buffer): P | undefined {
    const length = completeLength(appended);
    if (length === 0) return this.#skipTooLong(appended);
    const records = appended.subarray(0, length);
    const startsWithHeader = this.#offset === 0 && records.subarray(0, HEADER.length).equals(HEADER);
    this.#advance(records);
    return this.#reader.parse(startsWithHeader ? records.subarray(HEADER.length) : records);
  }

  /** Bytes that never become a record would otherwise stop the reading for good. */
  #skipTooLong(appended: Buffer): P | undefined {
    if (appended.length <= LONGEST_RECORD) return undefined;
    this.#advance(appended);
    return { ...this.#reader.nothing, malformed: 1 };
  }

  #advance(taken: Buffer): void {
    this.#offset += taken.length;
    const last = Buffer.concat([this.#remembered, taken.subarray(-REMEMBERED_BYTES)]);
    // A copy, so that the rest of what was joined can be freed.
    this.#remembered = Buffer.from(last.subarray(-REMEMBERED_BYTES));
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
