import { statfs } from "node:fs/promises";
import type { HealthEvent } from "@streamgauge/core/windows";

/** The disk of a folder; null if it cannot be read. */
export async function diskSpaceOf(folder: string): Promise<HealthEvent["disk"]> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free_bytes: bavail * bsize, total_bytes: blocks * bsize };
  } catch {
    return null;
  }
}
