import { fstatSync, ftruncateSync } from "node:fs";
import { SYSTEM_DISK, type Disk } from "../log/append-file.js";
import type { SeededRandom } from "@streamgauge/testing";

/** A disk that may lose what was not synced, and fails in the middle of a call where it is told to. */
export class FaultyDisk implements Disk {
  readonly #passing: (place: string) => void;
  /** How long each open file was when it was synced last. */
  readonly #synced = new Map<number, number>();

  /** @param passing - called at each place where the power may fail; throws where it does. */
  constructor(passing: (place: string) => void) {
    this.#passing = passing;
  }

  write(fd: number, bytes: Buffer, start: number): number {
    if (!this.#synced.has(fd)) this.#synced.set(fd, fstatSync(fd).size);
    // A system may write less than it was asked to at any time.
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

  /** The power is gone: each open file loses some of what was not synced, or nothing, or all. */
  losePower(random: SeededRandom): void {
    for (const [fd, synced] of this.#synced) {
      const { size } = fstatSync(fd);
      if (size > synced) ftruncateSync(fd, random.whole(synced, size));
    }
  }
}
