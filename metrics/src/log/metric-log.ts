import { csvField, isPlain, type ErrorStatistics, type Ids, type SavedStatistics } from "@streamgauge/core";
import type { IdHashes } from "./id-hash.js";
import { dayOf, firstLineOf, formatLine, MAX_LINE_BYTES, readLogLines, type LogLine } from "@streamgauge/core/metric-log";
import type { LineMarks } from "./line-marks.js";
import type { LoggedIndex } from "./logged-index.js";
import type { PartedFile } from "./parted-file.js";
import { isDue, type Rotation } from "./rotation.js";

/** Pairs of one frame, all shapes [n]. */
export interface Pairs {
  readonly ids: Ids;
  readonly hashes: IdHashes;
  readonly yTrue: Float64Array;
  readonly yPred: Float64Array;
}

/** A pair whose id the log already has, and the line there. */
export interface AlreadyLogged {
  readonly row: number;
  readonly line: LogLine;
}

/** A line of the log, and its number. */
export interface NumberedLine extends LogLine {
  /** How many lines are before it, without the header. */
  readonly number: number;
}

/** The start of a generation of the index, with a summary of the log up to there, so that a start need not read all of it. */
export interface Generation {
  readonly offset: number;
  /** Lines before it, without the header. */
  readonly lines: number;
  /** Statistics of these lines. */
  readonly statistics: SavedStatistics;
}

/** The repaired file of a log, and what is known of its lines. */
export interface LogContents {
  readonly file: PartedFile;
  readonly index: LoggedIndex;
  readonly marks: LineMarks;
  readonly statistics: ErrorStatistics;
  /** Lines in the file, without the header. */
  readonly lines: number;
  /** The one or two generations of `index`, older first. */
  readonly generations: readonly Generation[];
  /** The UTC day of the last commit, as `20260131`; undefined if that is not known. */
  readonly day: string | undefined;
}

/** Bytes that are read to find the number of a line: as many as some hundred lines have. */
const BLOCK_BYTES = 8_192;
/** Blocks whose lines are remembered; of 2 KiB each. */
const MOST_BLOCKS = 1_000;

/** Bytes at the log's end that the store keeps too, to repair a log that lost its last bytes. */
export const TAIL_BYTES = 8_192;

/**
 * The log as the join uses it: its ids with their values, and lines added in two steps. Staged lines count as logged; `write`
 * appends all of them to the file and syncs it. After a failed `write` the object is invalid: open the log anew from what is
 * committed.
 */
export class MetricLog {
  readonly statistics: ErrorStatistics;
  readonly #file: PartedFile;
  readonly #index: LoggedIndex;
  readonly #marks: LineMarks;
  #lastRead: LogLine | undefined;
  /** Where lines begin from a mark on, by the line of the mark: corrections of many rows ask for the same ones. */
  readonly #blocks = new Map<number, Float64Array>();
  /** Lines that are staged but not written, in the first `#staged` bytes. */
  #staging = Buffer.allocUnsafe(1 << 16);
  #staged = 0;
  #lines: number;
  /** Lines in the file. */
  #writtenLines: number;
  #generations: readonly Generation[];
  #day: string | undefined;
  readonly #rotation: Rotation | undefined;

  /** @param rotation - when a part is finished; undefined: never. */
  constructor({ file, index, marks, statistics, lines, generations, day }: LogContents, rotation?: Rotation) {
    this.statistics = statistics;
    this.#file = file;
    this.#index = index;
    this.#marks = marks;
    this.#lines = lines;
    this.#writtenLines = lines;
    this.#generations = generations;
    this.#day = day;
    this.#rotation = rotation;
  }

  /** Bytes, with the staged ones. */
  get length(): number {
    return this.#file.length + this.#staged;
  }

  /** Lines, with the staged ones, without the header. */
  get lines(): number {
    return this.#lines;
  }

  /** The generations of the index, older first; a new array when one has started. */
  get generations(): readonly Generation[] {
    return this.#generations;
  }

  /** How many parts were finished. */
  get finishedParts(): number {
    return this.#file.finished;
  }

  /** The UTC day of the last commit, as `20260131`; undefined if that is not known. */
  get day(): string | undefined {
    return this.#day;
  }

  /** The line with the id of row `i` of a frame; undefined if the log has none. */
  find(ids: Ids, hashes: IdHashes, i: number): LogLine | undefined {
    return this.#offsetOf(ids, hashes, i) < 0 ? undefined : this.#lastRead;
  }

  /** The same, with the number of the line. It reads up to 128 lines. */
  findNumbered(ids: Ids, hashes: IdHashes, i: number): NumberedLine | undefined {
    const offset = this.#offsetOf(ids, hashes, i);
    return offset < 0 || this.#lastRead === undefined ? undefined : { ...this.#lastRead, number: this.#numberOf(offset) };
  }

  /** The offset of the line with an id, which is the one last read then; −1 if the log has none. */
  #offsetOf(ids: Ids, hashes: IdHashes, i: number): number {
    return this.#index.find(hashes.low[i] ?? 0, hashes.high[i] ?? 0, (offset) => {
      this.#lastRead = this.#lineAt(offset);
      return this.#lastRead?.id === ids.at(i);
    });
  }

  #lineAt(offset: number): LogLine | undefined {
    const staged = offset - this.#file.length;
    if (staged < 0) return firstLineOf(this.#file.read(offset, MAX_LINE_BYTES));
    return firstLineOf(this.#staging.subarray(staged, Math.min(this.#staged, staged + MAX_LINE_BYTES)));
  }

  #numberOf(offset: number): number {
    const mark = this.#marks.before(offset);
    if (mark === undefined) throw new RangeError(`No line begins at byte ${offset} of ${this.#file.path}.`);
    const known = this.#blocks.get(mark.line)?.indexOf(offset) ?? -1;
    if (known >= 0) return mark.line + known;
    if (this.#blocks.size >= MOST_BLOCKS) this.#blocks.clear();
    const offsets = this.#offsetsFrom(mark.offset, offset);
    this.#blocks.set(mark.line, offsets);
    return mark.line + offsets.indexOf(offset);
  }

  /** Where a line begins that is at most 128 lines before this one; undefined of lines whose ids are no longer in memory. */
  markBefore(line: number): { readonly line: number; readonly offset: number } | undefined {
    return this.#marks.beforeLine(line);
  }

  /** Where the lines begin from one on, at least as far as another one. */
  #offsetsFrom(start: number, last: number): Float64Array {
    const length = Math.min(this.length, Math.max(last + MAX_LINE_BYTES, start + BLOCK_BYTES));
    const read = (from: number, most: number) => this.#read(from, Math.min(most, length - from));
    const [lines] = readLogLines({ length, read }, start);
    // A copy: the columns have room for thousands of lines.
    return lines?.offsets.slice() ?? new Float64Array();
  }

  /** Bytes of the log, with the staged ones. */
  #read(offset: number, length: number): Buffer {
    const staged = offset - this.#file.length;
    const written = this.#file.read(offset, length);
    if (written.length === length) return written;
    return Buffer.concat([written, this.#staging.subarray(Math.max(0, staged), Math.min(this.#staged, staged + length))]);
  }

  /**
   * Adds a line for each pair whose id the log does not have.
   *
   * @returns the other pairs, with the line that the log has.
   */
  stage(pairs: Pairs): AlreadyLogged[] {
    const { ids, hashes, yTrue, yPred } = pairs;
    const plain = isPlain(ids.text);
    const ascii = ids.isAscii;
    this.#index.warm(hashes.low);
    const known: AlreadyLogged[] = [];
    let fresh: number[] = [];
    for (let row = 0; row < ids.length; row += 1) {
      const line = this.find(ids, hashes, row);
      if (line !== undefined) {
        known.push({ row, line });
        continue;
      }
      const offset = this.length;
      if (this.#index.isFullFor(offset)) {
        this.#count(pairs, fresh);
        fresh = [];
        this.#beginGeneration(offset);
      }
      this.#index.add(hashes.low[row] ?? 0, hashes.high[row] ?? 0, offset);
      this.#marks.add(this.#lines + fresh.length, offset);
      const id = ids.at(row);
      this.#append(formatLine(plain ? id : csvField(id), yTrue[row] ?? 0, yPred[row] ?? 0), ascii);
      fresh.push(row);
    }
    this.#count(pairs, fresh);
    return known;
  }

  #append(line: string, ascii: boolean): void {
    if (this.#staging.length < this.#staged + MAX_LINE_BYTES) {
      const larger = Buffer.allocUnsafe(this.#staging.length * 2);
      this.#staging.copy(larger, 0, 0, this.#staged);
      this.#staging = larger;
    }
    this.#staged += this.#staging.write(line, this.#staged, ascii ? "latin1" : "utf8");
  }

  /** Counts the added rows in the lines and the statistics. */
  #count({ yTrue, yPred }: Pairs, rows: readonly number[]): void {
    const all = rows.length === yTrue.length;
    const pick = (values: Float64Array) => (all ? values : Float64Array.from(rows, (row) => values[row] ?? 0));
    this.statistics.add(pick(yTrue), pick(yPred));
    this.#lines += rows.length;
  }

  #beginGeneration(offset: number): void {
    this.#generations = [...this.#generations, { offset, lines: this.#lines, statistics: this.statistics.save() }].slice(-2);
    this.#index.roll(offset);
    this.#marks.dropBefore(this.#generations[0]?.lines ?? 0);
  }

  /**
   * Finishes the newest part if it is due, before the staged lines are written. Everything in it must be committed.
   *
   * @param now - ms since 1970. @param passed - called between two steps.
   * @throws FileChangedError if the file was changed from outside.
   */
  finishPart(now: number, passed: (step: string) => void): void {
    if (this.#staged === 0) return;
    const today = dayOf(now);
    const newest = { bytes: this.#file.newestLength, day: this.#day };
    if (isDue(this.#rotation, newest, this.#staged, today)) {
      this.#file.assertUntouched();
      this.#file.finish(this.#day ?? today, this.#writtenLines, passed);
    }
    this.#day = today;
  }

  /** Writes the staged lines durably. @throws FileChangedError if the file was changed from outside. */
  write(): void {
    this.#file.assertUntouched();
    if (this.#staged === 0) return;
    this.#file.append(this.#staging.subarray(0, this.#staged));
    this.#file.sync();
    this.#staged = 0;
    this.#writtenLines = this.#lines;
  }

  /** The last bytes of the newest part, at most `maxBytes` of them. */
  tail(maxBytes: number): Buffer {
    const from = Math.max(this.#file.newestFrom, this.#file.length - maxBytes);
    return this.#file.read(from, this.#file.length - from);
  }

  close(): void {
    this.#file.close();
  }
}
