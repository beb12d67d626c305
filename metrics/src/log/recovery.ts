import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { Ids } from "@streamgauge/core";
import { hashIds } from "../join/id-hash.js";
import { ErrorStatistics, type SavedStatistics } from "../statistics/error-statistics.js";
import type { CommittedState } from "../state/state-store.js";
import { AppendFile, setAside } from "./append-file.js";
import { LoggedIndex } from "./logged-index.js";
import { LOG_HEADER } from "./log-line.js";
import type { GenerationStart } from "./metric-log.js";
import { readLogLines } from "./read-log-lines.js";

/** What is committed of the log, as the state store has it. */
export interface CommittedLog {
  readonly length: number;
  readonly lines: number;
  /** The last bytes of the committed log. */
  readonly tail: Buffer;
  readonly generations: CommittedState["generations"];
}

/** A log that is fit to be appended to, and all that is known of it. */
export interface RecoveredLog {
  readonly file: AppendFile;
  readonly lines: number;
  readonly index: LoggedIndex;
  readonly statistics: ErrorStatistics;
  readonly generations: (GenerationStart & { readonly statistics: SavedStatistics })[];
  /** What was found and done, each a sentence for the user. */
  readonly findings: readonly string[];
  /** Whether the log goes on where it was committed. Otherwise its counts begin anew with what is in it. */
  readonly continues: boolean;
}

/**
 * Makes the log fit to go on: cut back to what is committed, a torn last line mended, a file with another header set
 * aside. What is cut or set aside is kept.
 *
 * @param committed - undefined where there is no state: then every whole line of the file counts.
 */
export function recoverLog(path: string, committed: CommittedLog | undefined, now: Date): RecoveredLog {
  const findings: string[] = [];
  if (existsSync(path) && !startsLikeALog(path)) {
    findings.push(`${path} has another header than ${JSON.stringify(LOG_HEADER.trim())}. It is kept as ${setAside(path, now)}; a new log begins.`);
  }
  const file = AppendFile.open(path);
  if (file.length < LOG_HEADER.length) {
    if (file.length > 0) file.cutTo(0, now);
    file.append(Buffer.from(LOG_HEADER));
    file.sync();
  }
  const continues = committed !== undefined && bringToCommitted(file, committed, findings, now);
  return { file, findings, continues, ...readLines(file, continues ? committed.generations : [], findings, now) };
}

/** Whether a file is empty, a log, or the beginning of one. */
function startsLikeALog(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    const start = Buffer.alloc(LOG_HEADER.length);
    const length = readSync(fd, start);
    return LOG_HEADER.startsWith(start.toString("latin1", 0, length));
  } finally {
    closeSync(fd);
  }
}

/** Makes the file exactly as long as it was committed. @returns false where that cannot be done without making lines up. */
function bringToCommitted(file: AppendFile, { length, tail }: CommittedLog, findings: string[], now: Date): boolean {
  const beyond = file.length - length;
  const tailStart = length - tail.length;
  const present = file.read(tailStart, Math.max(0, Math.min(tail.length, file.length - tailStart)));
  if (file.length < tailStart || !present.equals(tail.subarray(0, present.length))) {
    findings.push(
      `${file.path} is not the log that was committed (${file.length} bytes, committed ${length}): someone removed or changed lines. ` +
        "The log goes on with what is in it; ids that are no longer in it are forgotten.",
    );
    return false;
  }
  if (beyond > 0) {
    findings.push(`${file.path} had ${beyond} bytes that were not committed: they are kept in ${file.cutTo(length, now)}, and their rows come again.`);
  } else if (beyond < 0) {
    file.append(tail.subarray(tail.length + beyond));
    file.sync();
    findings.push(`${file.path} had lost its last ${-beyond} bytes; they are restored.`);
  }
  return true;
}

/** Reads the log from the older generation on: what the index and the statistics must know. */
function readLines(file: AppendFile, saved: CommittedState["generations"], findings: string[], now: Date) {
  const statistics = new ErrorStatistics();
  const [older, ...younger] = saved;
  if (older !== undefined) statistics.restore(older.statistics);
  const offset = older?.offset ?? LOG_HEADER.length;
  let lines = older?.lines ?? 0;
  const index = new LoggedIndex(offset);
  const generations = [older ?? { offset, lines, statistics: statistics.save() }];
  let malformed = 0;
  let goodEnd = offset;

  for (const { parsed, badLines, goodUpTo } of readLogLines(file, offset)) {
    const ids = Ids.of(parsed.map(({ id }) => id));
    const hashes = hashIds(ids);
    for (const [row, line] of parsed.entries()) {
      if (index.isFullFor(line.offset)) {
        const start = { offset: line.offset, lines: lines + row };
        generations.push(younger.shift() ?? { ...start, statistics: statistics.save() });
        index.roll(line.offset);
      }
      index.add(hashes.low[row] ?? 0, hashes.high[row] ?? 0, line.offset);
    }
    statistics.add(
      Float64Array.from(parsed, ({ yTrue }) => yTrue),
      Float64Array.from(parsed, ({ yPred }) => yPred),
    );
    lines += parsed.length;
    malformed += badLines;
    goodEnd = Math.max(goodEnd, goodUpTo);
  }
  if (goodEnd < file.length) {
    const bytes = file.length - goodEnd;
    findings.push(`The last ${bytes} bytes of ${file.path} were no whole line of a log: they are kept in ${file.cutTo(goodEnd, now)}.`);
    malformed = 0;
  }
  if (malformed > 0) findings.push(`${file.path} has ${malformed} lines that are none of a metric log; they are left as they are and not counted.`);
  return { lines, index, statistics, generations: generations.slice(-2) };
}
