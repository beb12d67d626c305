import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { tryLock } from "fs-native-extensions";

/** Another process has the data in this folder open. */
export class FolderInUseError extends Error {
  override readonly name = "FolderInUseError";
  readonly folder: string;

  constructor(folder: string) {
    super(`another gateway uses ${folder}: stop it, give one of them another LOGS_DIR, or set DATABASE_URL`);
    this.folder = folder;
  }
}

/** Locks a folder for one process, by an operating system lock on a file beside it, which always ends with the process. */
export class FolderLock {
  #fd: number | undefined;

  /** @throws FolderInUseError */
  constructor(folder: string) {
    mkdirSync(dirname(folder), { recursive: true });
    const fd = openSync(`${folder}.lock`, "a+");
    if (!tryLock(fd)) {
      closeSync(fd);
      throw new FolderInUseError(folder);
    }
    this.#fd = fd;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
