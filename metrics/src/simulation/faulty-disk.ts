import { fstatSync, ftruncateSync } from "node:fs";
import { SYSTEM_DISK, type Disk } from "../log/append-file.js";
import type { SeededRandom } from "@streamgauge/testing";

/** A disk that loses unsynced bytes in a power cut, and can fail in the middle of a call. */
export class FaultyDisk implements Disk {
  readonly #passing: (place: string) => void;
  /** The length of each open file at its last sync. A number of a file that was closed is given to another one. */
  readonly #synced = new Map<number, { readonly inode: number; readonly length: number }>();

  /** @param passing - called wherever the power may fail; throws if it does. */
  constructor(passing: (place: string) => void) {
    this.#passing = passing;
  }

  write(fd: number, bytes: Buffer, start: number): number {
    const { ino, size } = fstatSync(fd);
    if (this.#synced.get(fd)?.inode !== ino) this.#synced.set(fd, { inode: ino, length: size });
    // A system may always write less than requested.
    const half = bytes.subarray(0, start + Math.ceil((bytes.length - start) / 2));
    const written = SYSTEM_DISK.write(fd, half, start);
    this.#passing("within-write");
    return written;
  }

  sync(fd: number): void {
    this.#passing("before-sync");
    SYSTEM_DISK.sync(fd);
    const { ino, size } = fstatSync(fd);
    this.#synced.set(fd, { inode: ino, length: size });
  }

  /** A power cut: each open file loses some, all or none of its unsynced bytes. */
  losePower(random: SeededRandom): void {
    for (const [fd, { inode, length }] of this.#synced) {
      const now = statIfOpen(fd);
      if (now?.ino === inode && now.size > length) ftruncateSync(fd, random.whole(length, now.size));
    }
  }
}

/** undefined if the file was closed: a part of the log that was finished. */
function statIfOpen(fd: number): { readonly ino: number; readonly size: number } | undefined {
  try {
    return fstatSync(fd);
  } catch {
    return undefined;
  }
}
