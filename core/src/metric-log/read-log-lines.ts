import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { LogCursor } from "./log-cursor.js";
import type { ErrorColumn } from "./line-scanner.js";
import type { LogLines } from "./log-lines.js";

/** A file, or anything else that can be read by offset. */
export interface Readable {
  readonly length: number;
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Buffer;
}

const CHUNK_BYTES = 4 << 20;

/**
 * The lines of a metric log from `offset`, where a line begins, in pieces of some MiB. A last line without its line break is left out.
 *
 * @param chunkBytes - read at once; at least two lines of the greatest length. @param errors - how the column absolute_error is read.
 */
export function* readLogLines(
  file: Readable,
  offset: number,
  chunkBytes: number = CHUNK_BYTES,
  errors: ErrorColumn = "exact",
): Generator<LogLines, void> {
  const cursor = new LogCursor(offset, errors);
  while (cursor.offset < file.length) {
    const before = cursor.offset;
    const lines = cursor.take(file.read(before, chunkBytes));
    if (cursor.offset === before) return;
    yield lines;
  }
}

/**
 * Hands a file to `read` and closes it.
 *
 * @param length - bytes from its start that are read; default: as long as the file is now.
 * @throws the system's error if the file cannot be opened.
 */
export function withReadable<T>(path: string, read: (file: Readable) => T, length?: number): T {
  const file = openReadable(path, length);
  try {
    return read(file);
  } finally {
    file.close();
  }
}

/** A file that stays open until it is closed. @param length - as of `withReadable`. @throws the system's error if the file cannot be opened. */
export function openReadable(path: string, length?: number): Readable & { close(): void } {
  const fd = openSync(path, "r");
  const end = length ?? fstatSync(fd).size;
  return {
    length: end,
    read: (offset, most) => readAt(fd, offset, Math.max(0, Math.min(most, end - offset))),
    close: () => closeSync(fd),
  };
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
}
