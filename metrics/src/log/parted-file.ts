import { renameSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "@streamgauge/core";
import {
  LOG_HEADER,
  noteParts,
  PartedLog,
  partPath,
  partsOf,
  readLogLines,
  type Gap,
  type LogPart,
  type NotedPart,
} from "@streamgauge/core/metric-log";
import { AppendFile, type Disk } from "./append-file.js";

const HEADER_BYTES = LOG_HEADER.length;

/**
 * The log as metrics writes it: a file that only grows at its end, and the parts that were finished before. Positions count on over all parts,
 * so that a line stays where it is when a part is finished.
 *
 * The rename of the newest part is what finishes it. The file that takes its place, and the note of what is in it, follow; if they are missing,
 * `open` makes them.
 */
export class PartedFile {
  readonly path: string;
  readonly #disk: Disk;
  #newest: AppendFile;
  #parts: readonly LogPart[];
  #log: PartedLog;

  private constructor(newest: AppendFile, parts: readonly LogPart[], disk: Disk) {
    this.path = newest.path;
    this.#disk = disk;
    this.#newest = newest;
    this.#parts = parts;
    this.#log = new PartedLog(parts, newest);
  }

  /** Opens the newest part; creates an empty one, durably, if it is missing. */
  static open(path: string, disk: Disk): PartedFile {
    const newest = AppendFile.open(path, disk);
    try {
      const parts = partsOf(path);
      const file = new PartedFile(newest, parts, disk);
      if (parts.some(({ lines }) => lines === undefined)) file.#note(parts.map((part) => file.#counted(part)));
      return file;
    } catch (error) {
      newest.close();
      throw error;
    }
  }

  /** The position behind the last byte, synced or not. */
  get length(): number {
    return this.#log.length;
  }

  /** Bytes of the newest part, with its header. */
  get newestLength(): number {
    return this.#newest.length;
  }

  /** The first position of which a byte is in the newest part. */
  get newestFrom(): number {
    return this.#parts.length === 0 ? 0 : this.#log.base + HEADER_BYTES;
  }

  /** How many parts were finished. */
  get finished(): number {
    return this.#parts.length;
  }

  /** Lines of the finished parts. */
  get finishedLines(): number {
    return this.#parts.reduce((sum, { lines = 0 }) => sum + lines, 0);
  }

  /** The finished parts that are missing. */
  get gaps(): readonly Gap[] {
    return this.#log.gaps;
  }

  /** @see PartedLog.read */
  read(offset: number, length: number): Buffer {
    return this.#log.read(offset, length);
  }

  /** @see AppendFile.append */
  append(bytes: Buffer): void {
    this.#newest.append(bytes);
  }

  /** @see AppendFile.sync */
  sync(): void {
    this.#newest.sync();
  }

  /** @see AppendFile.assertUntouched */
  assertUntouched(): void {
    this.#newest.assertUntouched();
  }

  /** Cuts the newest part at a position. @see AppendFile.cutTo */
  cutTo(position: number, now: Date): string {
    return this.#newest.cutTo(Math.max(0, position - this.#log.base), now);
  }

  /** Empties the newest part of what is less than a header. */
  cutHeader(now: Date): void {
    this.#newest.cutTo(0, now);
  }

  /**
   * Finishes the newest part, of which everything is synced and committed, and begins the next one.
   *
   * @param day - of its last commit, as `20260131`. @param lines - of the whole log. @param passed - called between two steps.
   */
  finish(day: string, lines: number, passed: (step: string) => void): void {
    const number = (this.#parts.at(-1)?.number ?? 0) + 1;
    const path = partPath(this.path, { number, day });
    const [from, to] = [this.#log.base + HEADER_BYTES, this.length];
    const part = { number, day, from, to, lines: lines - this.finishedLines, path, isMissing: false };
    renameSync(this.path, path);
    syncFolder(dirname(this.path));
    passed("rotate-after-rename");
    const next = AppendFile.open(this.path, this.#disk);
    try {
      next.append(Buffer.from(LOG_HEADER));
      next.sync();
      passed("rotate-after-header");
      noteParts(this.path, notesOf([...this.#parts, part]));
      passed("rotate-after-note");
    } catch (error) {
      next.close();
      throw error;
    }
    this.#newest.close();
    this.#newest = next;
    this.#take([...this.#parts, part]);
  }

  /** Counts positions and lines anew over what is there: parts that are missing keep their numbers, and nothing else. */
  forgetMissing(): void {
    let end = HEADER_BYTES;
    this.#note(
      this.#parts.map((part) => {
        const from = end;
        if (!part.isMissing) end += part.to - part.from;
        return { ...part, from, to: end, lines: part.isMissing ? 0 : part.lines };
      }),
    );
  }

  /** A part with the number of its lines. */
  #counted(part: LogPart): LogPart {
    if (part.lines !== undefined) return part;
    let lines = 0;
    const own = { length: part.to, read: (at: number, most: number) => this.read(at, Math.min(most, part.to - at)) };
    for (const { ids } of readLogLines(own, part.from)) lines += ids.length;
    return { ...part, lines };
  }

  #note(parts: readonly LogPart[]): void {
    noteParts(this.path, notesOf(parts));
    this.#take(parts);
  }

  #take(parts: readonly LogPart[]): void {
    this.#parts = parts;
    this.#log = new PartedLog(parts, this.#newest);
  }

  close(): void {
    this.#newest.close();
  }
}

function notesOf(parts: readonly LogPart[]): readonly NotedPart[] {
  return parts.map(({ number, day, to, lines = 0 }) => ({ number, day, to, lines }));
}
