const NEWLINE = 0x0a;

/** A line of a stream is longer than what is read. */
export class LineTooLongError extends Error {
  override readonly name = "LineTooLongError";
  readonly line: number;

  constructor(line: number, limit: number) {
    super(`Line ${line} is longer than ${limit} bytes: put one row on each line.`);
    this.line = line;
  }
}

/**
 * The lines of a byte stream, those of a chunk together, without their ends. A last line needs no end. Holds one chunk and
 * one unfinished line.
 *
 * @throws LineTooLongError
 */
export async function* linesOf(stream: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<string[], void> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let count = 0;
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (restBytes + (end < 0 ? chunk.length : chunk.indexOf(NEWLINE)) > mostBytes) throw new LineTooLongError(count + 1, mostBytes);
    if (end < 0) {
      rest.push(chunk);
      restBytes += chunk.length;
      continue;
    }
    const text = Buffer.concat([...rest, chunk.subarray(0, end)]).toString("utf8");
    rest = [chunk.subarray(end + 1)];
    restBytes = chunk.length - end - 1;
    const lines = text.split("\n");
    count += lines.length;
    yield lines;
  }
  if (restBytes > 0) yield [Buffer.concat(rest).toString("utf8")];
}
