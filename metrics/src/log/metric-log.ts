import { csvField, isPlain, type ErrorStatistics, type Ids, type SavedStatistics } from "@streamgauge/core";
import type { IdHashes } from "./id-hash.js";
import type { AppendFile } from "./append-file.js";
import { firstLineOf, formatLine, MAX_LINE_BYTES, type LogLine } from "@streamgauge/core/metric-log";
import type { LoggedIndex } from "./logged-index.js";

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
  readonly file: AppendFile;
  readonly index: LoggedIndex;
  readonly statistics: ErrorStatistics;
  /** Lines in the file, without the header. */
  readonly lines: number;
  /** The one or two generations of `index`, older first. */
  readonly generations: readonly Generation[];
}

/** Bytes at the log's end that the store keeps too, to repair a log that lost its last bytes. */
export const TAIL_BYTES = 8_192;

/**
 * The log as the join uses it: its ids with their values, and lines added in two steps. Staged lines count as logged; `write`
 * appends all of them to the file and syncs it. After a failed `write` the object is invalid: open the log anew from what is
 * committed.
 */
export class MetricLog {
  readonly statistics: ErrorStatistics;
  readonly #file: AppendFile;
  readonly #index: LoggedIndex;
  /** Lines that are staged but not written, in the first `#staged` bytes. */
  #staging = Buffer.allocUnsafe(1 << 16);
  #staged = 0;
  #lines: number;
  #generations: readonly Generation[];

  constructor({ file, index, statistics, lines, generations }: LogContents) {
    this.statistics = statistics;
    this.#file = file;
    this.#index = index;
    this.#lines = lines;
    this.#generations = generations;
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

  /** The line with the id of row `i` of a frame; undefined if the log has none. */
  find(ids: Ids, hashes: IdHashes, i: number): LogLine | undefined {
    let line: LogLine | undefined;
    this.#index.find(hashes.low[i] ?? 0, hashes.high[i] ?? 0, (offset) => {
      const there = this.#lineAt(offset);
      if (there?.id !== ids.at(i)) return false;
      line = there;
      return true;
    });
    return line;
  }

  #lineAt(offset: number): LogLine | undefined {
    const staged = offset - this.#file.length;
    if (staged < 0) return firstLineOf(this.#file.read(offset, MAX_LINE_BYTES));
    return firstLineOf(this.#staging.subarray(staged, Math.min(this.#staged, staged + MAX_LINE_BYTES)));
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
  }

  /** Writes the staged lines durably. @throws FileChangedError if the file was changed from outside. */
  write(): void {
    this.#file.assertUntouched();
    if (this.#staged === 0) return;
    this.#file.append(this.#staging.subarray(0, this.#staged));
    this.#file.sync();
    this.#staged = 0;
  }

  /** The last bytes of the file, at most `maxBytes` of them. */
  tail(maxBytes: number): Buffer {
    const from = Math.max(0, this.#file.length - maxBytes);
    return this.#file.read(from, this.#file.length - from);
  }

  close(): void {
    this.#file.close();
  }
}
