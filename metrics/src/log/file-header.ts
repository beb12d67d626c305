import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { setAside } from "./append-file.js";

/**
 * Sets a file aside that does not start with this header. A file that is missing, empty or cut off within its header may go on.
 *
 * @returns what was done, as a sentence for the user; undefined if nothing was.
 */
export function setAsideUnlessHeader(path: string, header: string, now: Date): string | undefined {
  if (startsWith(path, Buffer.from(header))) return undefined;
  const expected = JSON.stringify(header.trim());
  return `${path} does not start with the header ${expected}. It is kept as ${setAside(path, now)}; a new file is started.`;
}

function startsWith(path: string, header: Buffer): boolean {
  if (!existsSync(path)) return true;
  const fd = openSync(path, "r");
  try {
    const start = Buffer.alloc(header.length);
    const length = readSync(fd, start);
    return header.subarray(0, length).equals(start.subarray(0, length));
  } finally {
    closeSync(fd);
  }
}
