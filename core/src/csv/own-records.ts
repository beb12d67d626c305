import { CsvSplitter, type CsvRow } from "./csv-splitter.js";

/**
 * The records of a CSV file that this program wrote, its header first, piece by piece. Unlike `CsvReader` it does not look whether the file
 * is CSV at all: an id may have any characters.
 */
export async function* ownRecords(bytes: AsyncIterable<Buffer>): AsyncGenerator<readonly CsvRow[], void> {
  const splitter = new CsvSplitter();
  for await (const piece of bytes) yield* splitter.take(piece);
  yield* splitter.end(true);
}
