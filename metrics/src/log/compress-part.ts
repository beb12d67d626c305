import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { failpoint, syncFolder } from "@streamgauge/core";
import { BLOCK_BYTES, BlockedGzip, blockOf, compressedPath, LAST_BLOCK, unfinishedPath } from "@streamgauge/core/metric-log";

/**
 * Compresses a finished part of a log; readers find it before, during and after. A kill leaves the plain part, or both of the same content.
 *
 * @param path - of the plain part. @returns false if `signal` ended it: then the part is as it was.
 */
export async function compressPart(path: string, signal: AbortSignal): Promise<boolean> {
  const beside = unfinishedPath(path);
  let isWhole = false;
  try {
    isWhole = await writeBlocks(path, beside, signal);
  } finally {
    // A full disk is to have the space back.
    if (!isWhole) rmSync(beside, { force: true });
  }
  if (!isWhole) return false;
  failpoint("metrics-compress-before-rename");
  const { length } = BlockedGzip.open(beside);
  const { size } = statSync(path);
  if (length !== size) throw new Error(`${beside} holds ${length} of the ${size} bytes of ${path}.`);
  renameSync(beside, compressedPath(path));
  syncFolder(dirname(path));
  failpoint("metrics-compress-after-rename");
  rmSync(path);
  syncFolder(dirname(path));
  return true;
}

/** Writes a file durably in blocks. They are compressed in threads of the pool, one after another. @returns whether all of it was. */
async function writeBlocks(path: string, to: string, signal: AbortSignal): Promise<boolean> {
  const from = await open(path, "r");
  let fd: number | undefined;
  try {
    fd = openSync(to, "w");
    const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
    for (;;) {
      const { bytesRead } = await from.read(buffer, 0, BLOCK_BYTES);
      if (bytesRead === 0) break;
      writeAll(fd, await blockOf(buffer.subarray(0, bytesRead)));
      if (signal.aborted) return false;
    }
    writeAll(fd, LAST_BLOCK);
    fsyncSync(fd);
    return true;
  } finally {
    await from.close();
    if (fd !== undefined) closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
}
