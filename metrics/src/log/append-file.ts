import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { failpoint, syncFolder } from "@streamgauge/core";

/** The two calls on which durability rests. Tests replace them with ones that fail. */
export interface Disk {
  /** Appends the bytes from `start` on. @returns how many were written, which may be fewer. */
  write(fd: number, bytes: Buffer, start: number): number;
  /** Returns when everything written is on disk. */
  sync(fd: number): void;
}

export const SYSTEM_DISK: Disk = {
  write: (fd, bytes, start) => writeSync(fd, bytes, start),
  sync: (fd) => fdatasyncSync(fd),
};

/** How far a file is committed. */
export interface CommittedFile {
  /** Bytes. */
  readonly length: number;
  /** Lines without the header. */
  readonly lines: number;
}

/** A file was changed or deleted from outside. */
export class FileChangedError extends Error {
  override readonly name = "FileChangedError";
  readonly path: string;

  constructor(path: string, what: string) {
    super(`${path} ${what} while it was written to. Starting again from what is on disk.`);
    this.path = path;
  }
}

/** A file that only grows at its end and knows its length. Writes are durable after `sync`. */
export class AppendFile {
  readonly path: string;
  readonly #disk: Disk;
  readonly #fd: number;
  readonly #inode: number;
  #length: number;

  private constructor(path: string, fd: number, disk: Disk) {
    const { size, ino } = fstatSync(fd);
    this.path = path;
    this.#disk = disk;
    this.#fd = fd;
    this.#inode = ino;
    this.#length = size;
  }

  /** Opens the file; creates an empty one, durably, if it is missing. */
  static open(path: string, disk: Disk): AppendFile {
    const isNew = !existsSync(path);
    const file = new AppendFile(path, openSync(path, "a+"), disk);
    if (isNew) syncFolder(dirname(path));
    return file;
  }

  /** Bytes, with those that are not synced. */
  get length(): number {
    return this.#length;
  }

  /** Writes all bytes at the end. @throws the error of the system, for instance ENOSPC; the bytes already written are then cut off if the system allows it. */
  append(bytes: Buffer): void {
    const before = this.#length;
    try {
      for (let written = 0; written < bytes.length;) {
        const count = this.#disk.write(this.#fd, bytes, written);
        written += count;
        this.#length += count;
      }
    } catch (error) {
      this.#takeBack(before);
      throw error;
    }
  }

  /** Frees the space on a full disk, and leaves no half line to readers. */
  #takeBack(length: number): void {
    try {
      ftruncateSync(this.#fd, length);
      this.#length = length;
    } catch {
      // The error of the write says more. The next start cuts off what is too much.
    }
  }

  /** Makes all writes durable. After an error the content on disk is unknown: open the file anew, never sync again. */
  sync(): void {
    this.#disk.sync(this.#fd);
  }

  /** @throws FileChangedError if the path no longer leads to this file, or its length differs from what was written. */
  assertUntouched(): void {
    const now = statSync(this.path, { throwIfNoEntry: false });
    if (now === undefined) throw new FileChangedError(this.path, "was deleted");
    if (now.ino !== this.#inode) throw new FileChangedError(this.path, "was replaced");
    if (now.size !== this.#length) throw new FileChangedError(this.path, `changed from ${this.#length} to ${now.size} bytes`);
  }

  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.#length - offset)));
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(this.#fd, buffer, filled, buffer.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }

  /**
   * Cuts the file to `length` bytes, after copying the bytes beyond them to a new file beside it, as evidence.
   *
   * @returns the path of the copy.
   */
  cutTo(length: number, now: Date): string {
    const kept = unusedName(this.path, "cut", now);
    this.#copyFrom(length, kept);
    failpoint("metrics-after-evidence");
    ftruncateSync(this.#fd, length);
    fsyncSync(this.#fd);
    this.#length = length;
    return kept;
  }

  /** Cuts the file to `length` bytes. For bytes that can be made again; `cutTo` keeps the others. */
  dropBeyond(length: number): void {
    ftruncateSync(this.#fd, length);
    fsyncSync(this.#fd);
    this.#length = length;
  }

  /** Copies the bytes from `offset` on to a new file: all of them, durably, or none. */
  #copyFrom(offset: number, path: string): void {
    const fd = openSync(path, "wx");
    try {
      for (let at = offset; at < this.#length;) {
        const piece = this.read(at, Math.min(1 << 20, this.#length - at));
        if (piece.length === 0) throw new FileChangedError(this.path, `shrank to ${at} bytes`);
        at += writeSync(fd, piece);
      }
      fsyncSync(fd);
      syncFolder(dirname(path));
    } catch (error) {
      rmSync(path);
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Renames a file or a folder to keep it as evidence. @returns the new path. */
export function setAside(path: string, now: Date): string {
  const aside = unusedName(path, "set-aside", now);
  renameSync(path, aside);
  syncFolder(dirname(path));
  return aside;
}

/** `metric_log.csv` becomes `metric_log.cut-20260131T101500.csv`, with a number if that is taken. */
function unusedName(path: string, word: string, now: Date): string {
  const [stem = "", ...extension] = basename(path).split(/(?=\.[^.]*$)/);
  const time = now.toISOString().replace(/[-:]|\.\d+Z/g, "");
  for (let number = 1; ; number += 1) {
    const name = `${stem}.${word}-${time}${number === 1 ? "" : `-${number}`}${extension.join("")}`;
    const unused = join(dirname(path), name);
    if (!existsSync(unused)) return unused;
  }
}
