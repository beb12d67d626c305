import { closeSync, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { LanePaths } from "@streamgauge/core/metric-log";
import { tryLock } from "fs-native-extensions";

/** Another process writes to this log. */
export class LogInUseError extends Error {
  override readonly name = "LogInUseError";
  readonly log: string;

  /** @param remedy - what to do. */
  constructor(log: string, remedy = "Each log has one writer: stop the other process, or start this one with another LOGS_DIR.") {
    super(`Another metrics process writes to the log ${log}. ${remedy}`);
    this.log = log;
  }
}

/**
 * Reserves a log for this process with a lock of the operating system. The lock ends with the process, even after a crash, and
 * holds while the process is suspended.
 */
export class WriterLock {
  readonly #paths: Pick<LanePaths, "lock" | "log">;
  #fd: number | undefined;

  /** @param paths - of the log, and of a file that is created for the lock. @throws LogInUseError if another process holds it. */
  constructor(paths: Pick<LanePaths, "lock" | "log">) {
    this.#paths = paths;
    this.renew();
  }

  /** Takes the lock again if its file was deleted, for example with the whole folder. @throws LogInUseError if another process holds it by now. */
  renew(): void {
    const { lock, log } = this.#paths;
    if (this.#fd !== undefined) {
      if (statSync(lock, { throwIfNoEntry: false })?.ino === fstatSync(this.#fd).ino) return;
      this.close();
    }
    mkdirSync(dirname(lock), { recursive: true });
    const fd = openSync(lock, "a+");
    if (!tryLock(fd)) {
      closeSync(fd);
      throw new LogInUseError(log);
    }
    this.#fd = fd;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
