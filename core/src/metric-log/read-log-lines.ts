import type { Ids } from "../frames/ids.js";
import { LineColumns } from "./line-columns.js";
import { MAX_LINE_BYTES, parseLine } from "./log-line.js";

/** A file, or anything else that can be read by offset. */
export interface Readable {
  readonly length: number;
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Buffer;
}

/** Some consecutive lines of a log, without those that are none; shapes [n]. */
export interface LogLines {
  readonly ids: Ids;
  /** Where each line begins in the file. */
  readonly offsets: Float64Array;
  readonly yTrue: Float64Array;
  readonly yPred: Float64Array;
  /** Where the lines between them begin in the file that are none of a metric log. */
  readonly badOffsets: readonly number[];
  /** Those of them that come after the last line that is one. */
  readonly badAtEnd: number;
  /** Offset behind the last line that is one; 0 where none is. */
  readonly goodUpTo: number;
}

const CHUNK_BYTES = 4 << 20;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * The lines of a metric log from `offset`, where a line begins, in pieces of some MiB. A last line without its break is
 * left out. What is no line ends at the next line break, wherever its quotes are, and takes no good line with it.
 *
 * @param chunkBytes - read at once; at least two lines of the greatest length.
 */
export function* readLogLines(file: Readable, offset: number, chunkBytes: number = CHUNK_BYTES): Generator<LogLines, void> {
  // Where a line begins that is none, too long for the chunk before.
  let within: number | undefined;
  for (let at = offset; at < file.length;) {
    const chunk = file.read(at, chunkBytes);
    const { consumed, ...lines } = parseChunk(chunk, at, within);
    if (consumed > 0) yield lines;
    else if (chunk.length < chunkBytes) return;
    within = consumed === 0 ? (within ?? at) : undefined;
    at += consumed === 0 ? chunk.length : consumed;
  }
}

/** `consumed` is where the first line begins that is not whole. */
function parseChunk(chunk: Buffer, offset: number, within: number | undefined): LogLines & { readonly consumed: number } {
  const lines = new LineColumns();
  let start = within === undefined ? 0 : chunk.indexOf(NEWLINE) + 1;
  const badOffsets = within === undefined || start === 0 ? [] : [within];
  let badAtEnd = badOffsets.length;
  let goodUpTo = 0;
  if (within !== undefined && start === 0) return { ...lines.columns, badOffsets, badAtEnd, goodUpTo, consumed: 0 };
  // Positions in this text are those of the bytes. The ids are taken from the bytes.
  const plain = chunk.includes(QUOTE) ? undefined : chunk.toString("latin1");
  for (let end = lineEnd(chunk, start); end >= 0; end = lineEnd(chunk, start)) {
    const isLine = plain === undefined ? addLine(lines, chunk, start, end, offset) : addPlainLine(lines, chunk, plain, start, end, offset);
    if (isLine) {
      goodUpTo = offset + end + 1;
      badAtEnd = 0;
    } else {
      badOffsets.push(offset + start);
      badAtEnd += 1;
    }
    start = end + 1;
  }
  return { ...lines.columns, badOffsets, badAtEnd, goodUpTo, consumed: start };
}

/** Adds the line at `start`. @returns whether it is one. */
function addLine(lines: LineColumns, chunk: Buffer, start: number, end: number, offset: number): boolean {
  const line = parseLine(chunk.toString("utf8", start, end));
  if (line === undefined) return false;
  const id = Buffer.from(line.id);
  lines.add(id, 0, id.length, line.yTrue, line.yPred, offset + start);
  return true;
}

/** The same where nothing is quoted, as `parseLine` does it, at half the cost. */
function addPlainLine(lines: LineColumns, chunk: Buffer, text: string, start: number, end: number, offset: number): boolean {
  const first = text.indexOf(",", start);
  const second = text.indexOf(",", first + 1);
  const third = text.indexOf(",", second + 1);
  // Each is -1, or behind this line, where a comma is missing.
  if (first <= start || second <= first + 1 || third <= second + 1 || third + 1 >= end) return false;
  const yTrue = Number(text.slice(first + 1, second));
  const yPred = Number(text.slice(second + 1, third));
  if (Number(text.slice(third + 1, end)) !== Math.abs(yTrue - yPred)) return false;
  lines.add(chunk, start, first, yTrue, yPred, offset + start);
  return true;
}

/** Where the line break is that ends the line at `start`; -1 where there is none yet. */
function lineEnd(chunk: Buffer, start: number): number {
  if (chunk[start] !== QUOTE) return chunk.indexOf(NEWLINE, start);
  // The closing quote is the first that is not doubled. A field that no comma ends, or that is too long, is none.
  for (let at = start + 1; at < start + MAX_LINE_BYTES; at += 1) {
    if (at + 1 >= chunk.length) return -1;
    if (chunk[at] !== QUOTE) continue;
    if (chunk[at + 1] === COMMA) return chunk.indexOf(NEWLINE, at);
    if (chunk[at + 1] !== QUOTE) break;
    at += 1;
  }
  return chunk.indexOf(NEWLINE, start);
}
