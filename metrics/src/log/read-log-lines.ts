import { parseLine, type LogLine } from "./log-line.js";

/** A file, or anything else that can be read by offset. */
export interface Readable {
  readonly length: number;
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
  /** Offset behind the last line that is one; 0 where none is. */
  readonly goodUpTo: number;
}

const CHUNK_BYTES = 4 << 20;
const NEWLINE = 0x0a;
const QUOTE = 0x22;

/** The lines of a metric log from `offset`, where a line begins, in pieces of some MiB. A last line without its break is left out. */
export function* readLogLines(file: Readable, offset: number): Generator<LogLines, void> {
  for (let at = offset; at < file.length; ) {
    const { consumed, ...lines } = parseChunk(file.read(at, CHUNK_BYTES), at);
    if (consumed === 0) return;
    yield lines;
    at += consumed;
  }
}

/** `consumed` is where the first line begins that is not whole. */
function parseChunk(chunk: Buffer, offset: number): LogLines & { readonly consumed: number } {
  const parsed: FoundLine[] = [];
  let start = 0;
  let badLines = 0;
  let goodUpTo = 0;
  for (let end = lineEnd(chunk, start); end >= 0; end = lineEnd(chunk, start)) {
    const line = parseLine(chunk.toString("utf8", start, end));
    if (line === undefined) badLines += 1;
    else {
      parsed.push({ offset: offset + start, ...line });
      goodUpTo = offset + end + 1;
    }
    start = end + 1;
  }
  return { parsed, badLines, goodUpTo, consumed: start };
}

/** Where the line break is that ends the line at `start`; -1 where there is none. */
function lineEnd(chunk: Buffer, start: number): number {
  let from = start;
  if (chunk[start] === QUOTE) {
    // The closing quote is the first that is not doubled.
    for (from = start + 1; from < chunk.length; from += 1) {
      if (chunk[from] !== QUOTE) continue;
      if (chunk[from + 1] === QUOTE) from += 1;
      else break;
    }
  }
  return chunk.indexOf(NEWLINE, from);
}
