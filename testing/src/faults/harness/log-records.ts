import { createReadStream, existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { parse } from "csv-parse";

/** A record of a log. */
export interface LogRecord {
  readonly id: string;
  /** The other cells, with commas between them. */
  readonly values: string;
}

const CHUNK_BYTES = 1 << 20;

/** The records of a log without its header, many at a time. @param path - ending in `.gz` if it is compressed. */
export async function* logRecords(path: string): AsyncGenerator<readonly LogRecord[], void> {
  // metrics may have compressed it since it was listed.
  const found = existsSync(path) ? path : `${path}.gz`;
  const bytes = createReadStream(found, { highWaterMark: CHUNK_BYTES });
  const text = found.endsWith(".gz") ? bytes.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : bytes;
  let isFirst = true;
  for await (const records of recordsIn(text)) {
    yield isFirst ? records.slice(1) : records;
    isFirst = false;
  }
}

/**
 * Lines are cut here, not by the program's own reader, which a test of it must not trust. From the first quote on csv-parse reads the rest: it
 * takes ten times as long.
 */
async function* recordsIn(stream: Readable): AsyncGenerator<readonly LogRecord[], void> {
  stream.setEncoding("utf8");
  let rest = "";
  const chunks: AsyncIterator<string> = stream[Symbol.asyncIterator]();
  for (;;) {
    const { value: chunk, done } = await chunks.next();
    if (done === true) break;
    const text = rest + chunk;
    if (chunk.includes('"')) {
      yield* quotedRecords(text, chunks);
      return;
    }
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    if (end > 0)
      yield text
        .slice(0, end - 1)
        .split("\n")
        .map(plainRecord);
  }
  if (rest !== "") yield [plainRecord(rest)];
}

async function* quotedRecords(first: string, chunks: AsyncIterator<string>): AsyncGenerator<readonly LogRecord[], void> {
  const parser = parse({ relax_column_count: true });
  const feed = async () => {
    parser.write(first);
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) parser.write(next.value);
    parser.end();
  };
  const fed = feed();
  for await (const [id = "", ...values] of parser as AsyncIterable<string[]>) yield [{ id, values: values.join(",") }];
  await fed;
}

function plainRecord(line: string): LogRecord {
  const comma = line.indexOf(",");
  return comma < 0 ? { id: line, values: "" } : { id: line.slice(0, comma), values: line.slice(comma + 1) };
}
