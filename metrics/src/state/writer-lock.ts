import { closeSync, mkdirSync, openSync } from "node:fs";
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
 *
 * @throws LogInUseError where another process has it.
 */
export function lockWriter(path: string): { close(): void } {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, "a+");
  if (!tryLock(fd)) {
    closeSync(fd);
    throw new LogInUseError(path);
  }
  return { close: () => closeSync(fd) };
}
