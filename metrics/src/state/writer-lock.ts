import { closeSync, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { tryLock } from "fs-native-extensions";

/** Another process writes to this log. */
export class LogInUseError extends Error {
  override readonly name = "LogInUseError";
  readonly path: string;

  constructor(path: string) {
    super(
      `Another metrics process writes to the log that ${path} guards. Each log has one writer: stop the other process, or start this ` +
        "one with another LOGS_DIR.",
    );
    this.path = path;
  }
}

/**
 * Reserves a log for this process with a lock of the operating system. The lock ends with the process, even after a crash, and
 * holds while the process is suspended.
 */
export class WriterLock {
  readonly #path: string;
  #fd: number | undefined;

  /** @param path - of a file that is created for the lock. @throws LogInUseError if another process holds it. */
  constructor(path: string) {
    this.#path = path;
    this.renew();
  }

  /** Takes the lock again if its file was deleted, for example with the whole folder. @throws LogInUseError if another process holds it by now. */
  renew(): void {
    if (this.#fd !== undefined) {
      if (statSync(this.#path, { throwIfNoEntry: false })?.ino === fstatSync(this.#fd).ino) return;
      this.close();
    }
    mkdirSync(dirname(this.#path), { recursive: true });
    const fd = openSync(this.#path, "a+");
    if (!tryLock(fd)) {
      closeSync(fd);
      throw new LogInUseError(this.#path);
    }
    this.#fd = fd;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
