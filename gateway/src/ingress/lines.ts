import { isUtf8 } from "node:buffer";

const [NEWLINE, RETURN] = [0x0a, 0x0d];
/** Matches a lone `\r` too. A `\r\n` split between two chunks gives one extra empty line. */
const LINE_END = /\r\n|\n|\r/;
const BYTE_ORDER_MARK = /^\ufeff/;

/** A line of a stream exceeds the limit. */
export class LineTooLongError extends Error {
  override readonly name = "LineTooLongError";
  readonly line: number;

  constructor(line: number, limit: number) {
    super(`Line ${line} is longer than ${limit} bytes: put one row on each line.`);
    this.line = line;
  }
}

/**
 * The lines of a byte stream, one array per chunk, without line ends and byte order mark; undefined for a line that is not UTF-8.
 * The last line needs no line end. Holds one chunk and one unfinished line.
 *
 * @throws LineTooLongError
 */
export async function* linesOf(stream: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<(string | undefined)[], void> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let count = 0;
  for await (const chunk of stream) {
    const end = Math.max(chunk.lastIndexOf(NEWLINE), chunk.lastIndexOf(RETURN));
    if (restBytes + (end < 0 ? chunk.length : firstEnd(chunk)) > mostBytes) throw new LineTooLongError(count + 1, mostBytes);
    if (end < 0) {
      rest.push(chunk);
      restBytes += chunk.length;
      continue;
    }
    const lines = textsOf(Buffer.concat([...rest, chunk.subarray(0, end)]), count === 0);
    rest = [chunk.subarray(end + 1)];
    restBytes = chunk.length - end - 1;
    count += lines.length;
    yield lines;
  }
  if (restBytes > 0) yield textsOf(Buffer.concat(rest), count === 0);
}

/** The end of the first line, in a chunk with at least one line end. */
function firstEnd(chunk: Buffer): number {
  const [newline, carriage] = [chunk.indexOf(NEWLINE), chunk.indexOf(RETURN)];
  return newline < 0 || (carriage >= 0 && carriage < newline) ? carriage : newline;
}

/** @param first - whether the bytes begin the stream. */
function textsOf(bytes: Buffer, first: boolean): (string | undefined)[] {
  const lines = bytes.toString("utf8").split(LINE_END);
  if (first) lines[0] = (lines[0] ?? "").replace(BYTE_ORDER_MARK, "");
  if (isUtf8(bytes)) return lines;
  // In Latin-1 each byte is one character, so the lines are the same.
  const asBytes = bytes.toString("latin1").split(LINE_END);
  return lines.map((line, i) => (isUtf8(Buffer.from(asBytes[i] ?? "", "latin1")) ? line : undefined));
}
