import { closeSync, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { tryLock } from "fs-native-extensions";

/** Another process writes to this log. */
export class LogInUseError extends Error {
  override readonly name = "LogInUseError";
  readonly path: string;

  constructor(path: string) {
    super(
      `Another metrics process writes to the log that ${path} guards. Each log has one writer: stop the other one, or give this one ` +
        "another LOGS_DIR.",
    );
    this.path = path;
  }
}

/**
 * Holds a log for this process alone, by a lock of the operating system: it ends with the process, however that
 * ends, and holds while the process is frozen.
 */
export class WriterLock {
  readonly #path: string;
  #fd: number | undefined;

  /** @param path - of a file that is made for the lock. @throws LogInUseError where another process has it. */
  constructor(path: string) {
    this.#path = path;
    this.renew();
  }

  /** Takes the lock again where its file was deleted, as with the whole folder. @throws LogInUseError where another process has it by now. */
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
