import { fstatSync, ftruncateSync } from "node:fs";
import { SYSTEM_DISK, type Disk } from "../log/append-file.js";
import type { SeededRandom } from "@streamgauge/testing";

/** A disk that loses unsynced bytes in a power cut, and can fail in the middle of a call. */
export class FaultyDisk implements Disk {
  readonly #passing: (place: string) => void;
  /** The length of each open file at its last sync. */
  readonly #synced = new Map<number, number>();

  /** @param passing - called wherever the power may fail; throws if it does. */
  constructor(passing: (place: string) => void) {
    this.#passing = passing;
  }

  write(fd: number, bytes: Buffer, start: number): number {
    if (!this.#synced.has(fd)) this.#synced.set(fd, fstatSync(fd).size);
    // A system may always write less than requested.
    const half = bytes.subarray(0, start + Math.ceil((bytes.length - start) / 2));
    const written = SYSTEM_DISK.write(fd, half, start);
    this.#passing("within-write");
    return written;
  }

  sync(fd: number): void {
    this.#passing("before-sync");
    SYSTEM_DISK.sync(fd);
    this.#synced.set(fd, fstatSync(fd).size);
  }

  /** A power cut: each open file loses some, all or none of its unsynced bytes. */
  losePower(random: SeededRandom): void {
    for (const [fd, synced] of this.#synced) {
      const { size } = fstatSync(fd);
      if (size > synced) ftruncateSync(fd, random.whole(synced, size));
    }
  }
}
