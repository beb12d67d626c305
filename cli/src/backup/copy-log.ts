import { existsSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  LOG_HEADER,
  manifestPath,
  noteParts,
  partFilesOf,
  partsOf,
  withLog,
  type NotedPart,
  type LogPart,
} from "@streamgauge/core/metric-log";
import { BackupError } from "./backup-error.js";
import { copyStart, writeNew } from "./copy-file.js";

const PIECE_BYTES = 1 << 20;

/**
 * Copies the first `length` positions of a log, which may grow and be rotated meanwhile. Finished parts are copied as they are; what is behind them
 * becomes the newest part of the copy. A part that is missing is missing in the copy too.
 *
 * @returns the paths of the copies.
 * @throws BackupError if there is less of the log.
 */
export function copyLog(from: string, to: string, length: number): string[] {
  if (length === 0) return [];
  const parts = partsOf(from);
  if (parts.length === 0 && !existsSync(from)) throw new BackupError(`${from} is missing; ${length} bytes of it are committed.`);
  const whole = parts.filter(isNoted).filter((part) => part.to <= length);
  const copies = whole.filter(({ isMissing }) => !isMissing).map((part) => copyPart(from, dirname(to), part));
  if (whole.length > 0) {
    noteParts(
      to,
      whole.map(({ number, day, to: end, lines }): NotedPart => ({ number, day, to: end, lines })),
    );
    copies.push(manifestPath(to));
  }
  copyRest(from, to, whole.at(-1)?.to ?? 0, length);
  return [...copies, to];
}

function isNoted(part: LogPart): part is LogPart & { readonly lines: number } {
  return part.lines !== undefined;
}

function copyPart(log: string, folder: string, { number, path }: LogPart): string {
  for (;;) {
    const file = partFilesOf(log).find((each) => each.number === number);
    if (file === undefined) throw new BackupError(`${path} was removed while it was copied.`);
    const copy = join(folder, basename(file.path));
    try {
      copyStart(file.path, copy);
      return copy;
    } catch (error) {
      rmSync(copy, { force: true });
      // It was compressed meanwhile.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
}

/** @param start - the position behind the finished parts; 0 if there are none. */
function copyRest(from: string, to: string, start: number, length: number): void {
  withLog(from, (log) => {
    if (log.length < length) throw new BackupError(`${from} has ${log.length} bytes; ${length} are committed.`);
    writeNew(to, (write) => {
      if (start > 0) write(Buffer.from(LOG_HEADER));
      for (let at = start; at < length;) {
        const piece = log.read(at, Math.min(PIECE_BYTES, length - at));
        if (piece.length === 0) throw new BackupError(`${from} cannot be read from position ${at} on.`);
        write(piece);
        at += piece.length;
      }
    });
  });
}
