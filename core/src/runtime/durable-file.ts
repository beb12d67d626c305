import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Replaces a file atomically: after a crash it has its old content or the new one. The new one is certain to stay after `syncFolder`. Its
 * folder is created if missing.
 *
 * @param beforeRename - called when the new content is on disk under another name, `path.new`.
 */
export function replaceFile(path: string, content: string | Uint8Array, beforeRename: () => void = () => undefined): void {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.new`;
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
