import { MAX_LINE_BYTES, parseLine, type LogLine } from "./log-line.js";

/** A file, or anything else that can be read by offset. */
export interface Readable {
  readonly length: number;
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Buffer;
}

/** A line and where it begins in the file. */
export interface FoundLine extends LogLine {
  readonly offset: number;
}

/** Some consecutive lines of a log. */
export interface LogLines {
  readonly parsed: readonly FoundLine[];
  /** Lines between them that are none of a metric log. */
  readonly badLines: number;
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
  // Whether the chunk begins within a line that is none, too long for the chunk before.
  let within = false;
  for (let at = offset; at < file.length;) {
    const chunk = file.read(at, chunkBytes);
    const { consumed, ...lines } = parseChunk(chunk, at, within);
    if (consumed > 0) yield lines;
    else if (chunk.length < chunkBytes) return;
    within = consumed === 0;
    at += within ? chunk.length : consumed;
  }
}

/** `consumed` is where the first line begins that is not whole. */
function parseChunk(chunk: Buffer, offset: number, within: boolean): LogLines & { readonly consumed: number } {
  const parsed: FoundLine[] = [];
  let start = within ? chunk.indexOf(NEWLINE) + 1 : 0;
  let badLines = start > 0 ? 1 : 0;
  let badAtEnd = badLines;
  let goodUpTo = 0;
  if (within && start === 0) return { parsed, badLines, badAtEnd, goodUpTo, consumed: 0 };
  for (let end = lineEnd(chunk, start); end >= 0; end = lineEnd(chunk, start)) {
    const line = parseLine(chunk.toString("utf8", start, end));
    if (line === undefined) {
      badLines += 1;
      badAtEnd += 1;
    } else {
      parsed.push({ offset: offset + start, ...line });
      goodUpTo = offset + end + 1;
      badAtEnd = 0;
    }
    start = end + 1;
  }
  return { parsed, badLines, badAtEnd, goodUpTo, consumed: start };
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
