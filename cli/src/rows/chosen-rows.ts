import { csvField } from "@streamgauge/core";
import { firstLineOf, formatLine, LOG_HEADER, MAX_LINE_BYTES, readLogLines, type Readable } from "@streamgauge/core/metric-log";

/** A log does not have the row that was asked for. Its message says why, and what to do. */
export class NoRowError extends Error {
  override readonly name = "NoRowError";
}

const PIECE_BYTES = 1 << 20;

/** The header, and the bytes of a log between two positions. Parts that are missing are passed over. */
export function* bytesOf(log: Readable, from = 0, to = Infinity): Generator<string | Buffer> {
  yield LOG_HEADER;
  const end = Math.min(to, log.length);
  for (let at = Math.max(from, LOG_HEADER.length); at < end;) {
    const gap = log.gaps?.find((each) => at >= each.from && at < each.to);
    const piece = gap === undefined ? log.read(at, Math.min(PIECE_BYTES, end - at)) : undefined;
    if (piece !== undefined) yield piece;
    if (piece?.length === 0) return;
    at = gap?.to ?? at + (piece?.length ?? 0);
  }
}

/** The header, and a row of a log. @param number - counted from 1. @throws NoRowError if the log has no such row, or it was in a part that is missing. */
export function rowOf(log: Readable, number: number, path: string): readonly string[] {
  let before = 0;
  for (const { offsets, skipped } of readLogLines(log, LOG_HEADER.length)) {
    const wasDeleted = number > before && number <= before + skipped;
    if (wasDeleted) throw new NoRowError(`Row ${number} of ${path} was in a part that is missing: restore that from a backup.`);
    before += skipped;
    const offset = offsets[number - before - 1];
    const line = offset === undefined ? undefined : firstLineOf(log.read(offset, MAX_LINE_BYTES));
    if (line !== undefined) return [LOG_HEADER, formatLine(csvField(line.id), line.yTrue, line.yPred)];
    before += offsets.length;
  }
  throw new NoRowError(`${path} has ${before} rows, and no row ${number}: rows are counted from 1.`);
}
