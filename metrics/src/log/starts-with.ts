import { closeSync, existsSync, openSync, readSync } from "node:fs";

/** Whether a file begins with this header, or is missing, empty or torn within it. */
export function startsWith(path: string, header: string): boolean {
  if (!existsSync(path)) return true;
  const fd = openSync(path, "r");
  try {
    const start = Buffer.alloc(Buffer.byteLength(header));
    const length = readSync(fd, start);
    return Buffer.from(header).subarray(0, length).equals(start.subarray(0, length));
  } finally {
    closeSync(fd);
  }
}
