import { createReadStream, type Stats } from "node:fs";
import { CsvReader, type CsvRow } from "@streamgauge/core";

/** Some rows of a CSV file. */
export interface CsvPiece {
  /** Names of the file's columns. */
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * The rows of a CSV file as it is now, piece by piece: memory does not grow with the file.
 *
 * @param stats - of the file; what is added behind its size is not read.
 * @param isWhole - asked at the end, whether what stands behind the last line break is a line.
 * @throws CsvRefusedError where nothing can be read. Errors of the file system pass through.
 */
export async function* csvFileRows(path: string, stats: Stats, isWhole: () => boolean = () => true): AsyncGenerator<CsvPiece, void> {
  const reader = new CsvReader();
  for await (const bytes of bytesOf(path, stats)) for (const rows of reader.take(bytes)) yield { header: reader.header, rows };
  for (const rows of reader.end(isWhole())) yield { header: reader.header, rows };
}

/** The file up to its present end. What is no regular file, like a pipe, is read to the end it comes to. */
async function* bytesOf(path: string, stats: Stats): AsyncGenerator<Buffer, void> {
  if (stats.isFile() && stats.size === 0) return;
  const stream = createReadStream(path, stats.isFile() ? { end: stats.size - 1 } : {});
  for await (const bytes of stream) if (Buffer.isBuffer(bytes)) yield bytes;
}
