import { createReadStream, type Stats } from "node:fs";
import { CsvReader, type CsvRow } from "@streamgauge/core";

/** Some rows of a CSV file. */
export interface CsvPiece {
  /** Names of the file's columns. */
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Streams the rows of a CSV file up to its present size, in bounded memory.
 *
 * @param stats - of the file; bytes beyond its size are not read.
 * @param isWhole - called at the end: whether the text after the last line break is a complete line.
 * @throws CsvRefusedError if nothing can be read. Errors of the file system pass through.
 */
export async function* csvFileRows(path: string, stats: Stats, isWhole: () => boolean = () => true): AsyncGenerator<CsvPiece, void> {
  const reader = new CsvReader();
  for await (const bytes of bytesOf(path, stats)) for (const rows of reader.take(bytes)) yield { header: reader.header, rows };
  for (const rows of reader.end(isWhole())) yield { header: reader.header, rows };
}

/** Reads a regular file up to its present size; anything else, such as a pipe, until it ends. */
async function* bytesOf(path: string, stats: Stats): AsyncGenerator<Buffer, void> {
  if (stats.isFile() && stats.size === 0) return;
  const stream = createReadStream(path, stats.isFile() ? { end: stats.size - 1 } : {});
  for await (const bytes of stream) if (Buffer.isBuffer(bytes)) yield bytes;
}
