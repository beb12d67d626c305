import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { LogCursor } from "./log-cursor.js";
import type { ErrorColumn } from "./line-scanner.js";
import { LineColumns, type LogLines } from "./log-lines.js";

/** Bytes of a log that were deleted with a part of it. */
export interface Gap {
  /** Of the part. */
  readonly path: string;
  /** Its positions in the log; a line begins at `to`, if there is one. */
  readonly from: number;
  readonly to: number;
  /** Lines that were in it. */
  readonly lines: number;
  /** Lines of the log before `to`. */
  readonly linesBefore: number;
}

/** A file, or anything else that can be read by offset. */
export interface Readable {
  readonly length: number;
  /** What cannot be read, in order; none if left out. */
  readonly gaps?: readonly Gap[];
  /** Up to `length` bytes from `offset`; fewer at the end of the file, and before a gap. */
  read(offset: number, length: number): Buffer;
}

const CHUNK_BYTES = 4 << 20;

/**
 * The lines of a metric log from `offset`, where a line begins, in pieces of some MiB. A last line without its line break is left out. Parts that
 * are missing are passed over; the piece behind them counts their lines in `skipped`, and is empty if nothing is behind them.
 *
 * @param chunkBytes - read at once; at least two lines of the greatest length. @param errors - how the column absolute_error is read.
 */
export function* readLogLines(
  file: Readable,
  offset: number,
  chunkBytes: number = CHUNK_BYTES,
  errors: ErrorColumn = "exact",
): Generator<LogLines, void> {
  let cursor = new LogCursor(offset, errors);
  let skipped = 0;
  while (cursor.offset < file.length) {
    const before = cursor.offset;
    const gap = file.gaps?.find(({ from, to }) => before >= from && before < to);
    if (gap !== undefined) {
      skipped += gap.lines;
      cursor = new LogCursor(gap.to, errors);
      continue;
    }
    const lines = cursor.take(file.read(before, chunkBytes));
    if (cursor.offset === before) break;
    yield { ...lines, skipped };
    skipped = 0;
  }
  if (skipped > 0) yield { ...new LineColumns().lines, skipped };
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

/** Up to `length` bytes of an open file from `offset`; fewer at its end. */
export function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
}
