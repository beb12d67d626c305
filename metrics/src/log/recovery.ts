import { statSync } from "node:fs";
import { ErrorStatistics } from "@streamgauge/core";
import { hashIds } from "./id-hash.js";
import type { Disk } from "./append-file.js";
import { setAsideUnlessHeader } from "./file-header.js";
import { dayOf, LOG_HEADER, readLogLines, type LogLines } from "@streamgauge/core/metric-log";
import { LineMarks } from "./line-marks.js";
import { GENERATION_IDS, LoggedIndex } from "./logged-index.js";
import { MetricLog, type Generation, type LogContents } from "./metric-log.js";
import { PartedFile } from "./parted-file.js";
import type { Rotation } from "./rotation.js";

/** The committed part of the log, as recorded in the state store. */
export interface CommittedLog {
  /** Bytes. */
  readonly length: number;
  /** The last bytes of the committed log. */
  readonly tail: Buffer;
  /** As in MetricLog. Without any, the log is read from its start. */
  readonly generations: readonly Generation[];
  /** The UTC day of the last commit, as `20260131`; undefined if the store does not know. */
  readonly day?: string | undefined;
}

/** A log that is ready for new lines. */
export interface RecoveredLog {
  readonly log: MetricLog;
  /** Whether it is the log that was committed. */
  readonly continues: boolean;
  /** What was found and repaired, each a sentence for the user. */
  readonly findings: readonly string[];
}

export interface RecoveryOptions {
  readonly disk: Disk;
  readonly now: Date;
  /** Ids in one generation of the index. */
  readonly generationIds?: number;
  /** When a part of the log is finished; undefined: never. */
  readonly rotation?: Rotation | undefined;
}

/**
 * Repairs the log: it is cut back to what is committed, lost last bytes are restored, and a file with another header is set
 * aside. The bytes that are cut off are kept.
 *
 * @param committed - undefined if there is no state: then every whole line of the file counts.
 */
export function recoverLog(path: string, committed: CommittedLog | undefined, options: RecoveryOptions): RecoveredLog {
  const { disk, now, generationIds, rotation } = options;
  const findings: string[] = [];
  // Before repairs, which count as changes of the file.
  const changed = statSync(path, { throwIfNoEntry: false });
  const replaced = setAsideUnlessHeader(path, LOG_HEADER, now);
  if (replaced !== undefined) findings.push(replaced);
  const file = PartedFile.open(path, disk);
  try {
    if (file.newestLength < LOG_HEADER.length) {
      if (file.newestLength > 0) file.cutHeader(now);
      file.append(Buffer.from(LOG_HEADER));
      file.sync();
    }
    const continues = committed !== undefined && hasNeededParts(file, committed) && bringToCommitted(file, committed, findings, now);
    if (!continues && file.gaps.length > 0) {
      findings.push(
        `${file.gaps.map((gap) => gap.path).join(", ")} ${file.gaps.length === 1 ? "is" : "are"} missing, and the index of ids needs all parts: ` +
          "the log is counted again from the parts that are there; ids that are no longer in it are forgotten.",
      );
      file.forgetMissing();
    }
    const contents = readLines(file, continues ? committed.generations[0] : undefined, generationIds ?? GENERATION_IDS, findings, now);
    const hasLines = file.newestLength > LOG_HEADER.length;
    const day = committed?.day ?? (hasLines && changed !== undefined ? dayOf(changed.mtimeMs) : undefined);
    return { log: new MetricLog({ ...contents, day }, rotation), continues, findings };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Whether no part is missing of which the index knows ids. */
function hasNeededParts({ gaps }: PartedFile, { generations }: CommittedLog): boolean {
  const start = generations[0]?.offset ?? LOG_HEADER.length;
  return gaps.every(({ to }) => to <= start);
}

/** Makes the file exactly as long as it was committed. @returns false if the file is not the committed one. */
function bringToCommitted(file: PartedFile, { length, tail }: CommittedLog, findings: string[], now: Date): boolean {
  const beyond = file.length - length;
  const tailStart = length - tail.length;
  const present = file.read(tailStart, Math.max(0, Math.min(tail.length, file.length - tailStart)));
  // A log without any line was emptied from outside, even if the tail could restore all of it.
  const emptied = beyond < 0 && file.newestLength <= LOG_HEADER.length;
  // A state from before a part was finished, which a later commit did.
  const isOlder = length < file.newestFrom;
  if (emptied || isOlder || file.length < tailStart || !present.equals(tail.subarray(0, present.length))) {
    findings.push(
      `${file.path} is not the log that was committed (${file.length} bytes, committed ${length}): lines were removed or changed. ` +
        "New rows are appended to what is there; ids that are no longer in it are forgotten.",
    );
    return false;
  }
  if (beyond > 0) {
    findings.push(
      `${file.path} had ${beyond} uncommitted bytes: they were cut off and kept in ${file.cutTo(length, now)}, and their rows are redelivered.`,
    );
  } else if (beyond < 0) {
    file.append(tail.subarray(tail.length + beyond));
    file.sync();
    findings.push(`${file.path} had lost its last ${-beyond} bytes; they were restored.`);
  }
  return true;
}

/** Reads the log from the start of this generation, or of the file, into the index and the statistics. */
function readLines(
  file: PartedFile,
  from: Generation | undefined,
  generationIds: number,
  findings: string[],
  now: Date,
): Omit<LogContents, "day"> {
  const contents = new GrowingContents(from ?? START_OF_LOG, generationIds);
  let goodEnd = contents.start;
  let malformed = 0;
  let malformedAtEnd = 0;
  for (const lines of readLogLines(file, goodEnd)) {
    contents.add(lines);
    malformed += lines.malformed.length;
    malformedAtEnd = lines.ids.length > 0 ? lines.malformedAtEnd : malformedAtEnd + lines.malformed.length;
    goodEnd = Math.max(goodEnd, lines.goodUpTo);
  }
  goodEnd = Math.max(goodEnd, file.newestFrom);
  if (goodEnd < file.length) {
    const bytes = file.length - goodEnd;
    findings.push(`The last ${bytes} bytes of ${file.path} are not a whole line: they are kept in ${file.cutTo(goodEnd, now)}.`);
    malformed -= malformedAtEnd;
  }
  if (malformed > 0) findings.push(`${file.path} has malformed lines (${malformed}); they stay in the file and do not count.`);
  return { file, ...contents.all };
}

/** The start of a log about which nothing is known. */
const START_OF_LOG: Generation = { offset: LOG_HEADER.length, lines: 0, statistics: new ErrorStatistics().save() };

/** The contents of the log while it is read. */
class GrowingContents {
  readonly start: number;
  readonly #index: LoggedIndex;
  readonly #statistics = new ErrorStatistics();
  readonly #generations: Generation[];
  readonly #marks: LineMarks;
  #lines: number;

  constructor(from: Generation, generationIds: number) {
    this.start = from.offset;
    this.#index = new LoggedIndex(from.offset, generationIds);
    this.#statistics.merge(from.statistics);
    this.#generations = [from];
    this.#lines = from.lines;
    this.#marks = new LineMarks(from.lines);
  }

  add({ ids, offsets, yTrue, yPred }: LogLines): void {
    const hashes = hashIds(ids);
    let counted = 0;
    for (let row = 0; row < offsets.length; row += 1) {
      const offset = offsets[row] ?? 0;
      if (this.#index.isFullFor(offset)) {
        this.#count(yTrue.subarray(counted, row), yPred.subarray(counted, row));
        counted = row;
        this.#generations.push({ offset, lines: this.#lines, statistics: this.#statistics.save() });
        this.#index.roll(offset);
        this.#marks.dropBefore(this.#generations.at(-2)?.lines ?? 0);
      }
      this.#marks.add(this.#lines + row - counted, offset);
      this.#index.add(hashes.low[row] ?? 0, hashes.high[row] ?? 0, offset);
    }
    this.#count(yTrue.subarray(counted), yPred.subarray(counted));
  }

  #count(yTrue: Float64Array, yPred: Float64Array): void {
    this.#statistics.add(yTrue, yPred);
    this.#lines += yTrue.length;
  }

  get all(): Omit<LogContents, "file" | "day"> {
    const generations = this.#generations.slice(-2);
    return { index: this.#index, marks: this.#marks, statistics: this.#statistics, lines: this.#lines, generations };
  }
}
