import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Replaces a file atomically: after a crash it has its old content or the new one. The new one is certain to stay after `syncFolder`. Its
 * folder is created if missing. Only one process may do so at a time: see `replaceSharedFile`.
 *
 * @param beforeRename - called when the new content is on disk under another name, `path.new`.
 */
export function replaceFile(path: string, content: string | Uint8Array, beforeRename: () => void = () => undefined): void {
  replaceBy(`${path}.new`, path, content, beforeRename);
}

/**
 * The same for a file that several processes may replace at once: each writes a file of its own beside it, and the last one stays. A crash may
 * leave that file behind, so it is not for files that are replaced all the time.
 */
export function replaceSharedFile(path: string, content: string | Uint8Array, beforeRename: () => void = () => undefined): void {
  const beside = besideShared(path);
  try {
    replaceBy(beside, path, content, beforeRename);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** A name beside a file that no other process takes. Process numbers do not do: in containers each may have the same. */
export function besideShared(path: string): string {
  return `${path}.${randomBytes(6).toString("hex")}.new`;
}

function replaceBy(beside: string, path: string, content: string | Uint8Array, beforeRename: () => void): void {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(beside, "w");
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  beforeRename();
  renameSync(beside, path);
}

/** Makes the names in a folder durable: without it a new or renamed file may be gone after a power cut. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
