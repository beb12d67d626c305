import { statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesOfLane, type LanePaths } from "@streamgauge/core/metric-log";
import type { DiskSample } from "./disk-outlook.js";

/** Looks at the disk of the log; undefined if the system does not say. @param at - by a steady clock, in seconds. */
export function lookAtDisk(paths: LanePaths, at: number): DiskSample | undefined {
  try {
    const { bavail, bsize } = statfsSync(dirname(paths.log));
    const files = filesOfLane(paths).map((path) => (path === paths.state ? join(path, "data.mdb") : path));
    const own = files.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
    return { at, free: bavail * bsize, own };
  } catch {
    return undefined;
  }
}
