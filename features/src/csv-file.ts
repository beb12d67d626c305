import { createReadStream, type Stats } from "node:fs";
import { CsvSplitter, type CsvRecords, type OnBroken } from "./csv-records.js";
import { DatasetError } from "./dataset-error.js";

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The records of a CSV file as it is now, its header first, piece by piece: memory does not grow with the file.
 *
 * @param stats - of the file; what is added behind its size is not read.
 * @param onBroken - told of each line that is no record.
 * @param isWhole - asked at the end, whether what stands behind the last line break is a line.
 * @throws DatasetError where it is in UTF-16. Errors of the file system pass through.
 */
export async function* csvRecords(
  path: string,
  stats: Stats,
  onBroken: OnBroken,
  isWhole: () => boolean = () => true,
): AsyncGenerator<CsvRecords, void> {
  const splitter = new CsvSplitter(onBroken);
  let first = true;
  for await (const bytes of bytesOf(path, stats)) {
    yield* splitter.take(first ? withoutMark(path, bytes) : bytes);
    first = false;
  }
  yield* splitter.end(isWhole());
}

/** The file up to its present end. What is no regular file, like a pipe, is read to the end it comes to. */
async function* bytesOf(path: string, stats: Stats): AsyncGenerator<Buffer, void> {
  if (stats.isFile() && stats.size === 0) return;
  const stream = createReadStream(path, stats.isFile() ? { end: stats.size - 1 } : {});
  for await (const bytes of stream) if (Buffer.isBuffer(bytes)) yield bytes;
}

function withoutMark(path: string, bytes: Buffer): Buffer {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new DatasetError(path, "is in UTF-16: save it in UTF-8.");
  }
  return bytes.subarray(0, 3).equals(UTF8_MARK) ? bytes.subarray(3) : bytes;
}
