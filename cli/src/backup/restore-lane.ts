import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { failpoint, LanePartition, replaceFile, requirePartitions, syncFolder } from "@streamgauge/core";
import { filesOfLane, lanePaths, type LanePaths } from "@streamgauge/core/metric-log";
import { adoptStore, WriterLock } from "@streamgauge/metrics";
import { verifyLane } from "../verify/verify-lane.js";
import { BackupError } from "./backup-error.js";
import { copyStart, digestOf } from "./copy-file.js";
import { readManifest, type CheckedCopy, type Manifest } from "./manifest.js";

/**
 * Puts the files of a backup into a LOGS_DIR that has none of its lane, and verifies them there. While it runs, and after it was interrupted,
 * metrics does not start there; another restore then begins anew.
 *
 * @returns what was restored, and a sentence for each thing that the lane lacked when it was backed up.
 * @throws BackupError if the backup is damaged, or the folder has files of the lane; OtherPartitionsError; LogInUseError if metrics runs there.
 */
export async function restoreLane(backup: string, logsDir: string): Promise<CheckedCopy> {
  const manifest = readManifest(backup);
  requireSound(backup, manifest);
  const { lane, partitions: of = 1 } = manifest;
  const partitions = LanePartition.all(lane, of);
  const locks: WriterLock[] = [];
  try {
    for (const partition of partitions) locks.push(new WriterLock(lanePaths(logsDir, partition)));
    requirePartitions(logsDir, of);
    for (const partition of partitions) clear(lanePaths(logsDir, partition));
    // One for all partitions.
    const { restoring } = lanePaths(logsDir, new LanePartition(manifest.lane));
    replaceFile(restoring, "");
    syncFolder(dirname(restoring));
    failpoint("restore-after-marker");
    copyInto(backup, manifest, logsDir);
    const lacks: string[] = [];
    for (const partition of partitions) lacks.push(...(await adopt(logsDir, partition)));
    rmSync(restoring);
    syncFolder(dirname(restoring));
    return { manifest, lacks };
  } finally {
    for (const lock of locks) lock.close();
  }
}

function copyInto(backup: string, { files }: Manifest, logsDir: string): void {
  for (const { path } of files) {
    copyStart(join(backup, path), join(logsDir, path));
    failpoint("restore-after-file");
  }
}

/** Makes the restored files those of metrics, and verifies them. @returns what they lack. */
async function adopt(logsDir: string, partition: LanePartition): Promise<readonly string[]> {
  const { log, state } = lanePaths(logsDir, partition);
  await adoptStore(state);
  for (const folder of [state, dirname(state), dirname(log)]) syncFolder(folder);
  const { problems, unchecked } = await verifyLane(logsDir, partition);
  if (problems.length > 0) throw new BackupError(`What was restored does not add up: ${problems.join(" ")}`);
  return unchecked;
}

function requireSound(backup: string, { files }: Manifest): void {
  for (const { path, bytes, sha256 } of files) {
    const full = join(backup, path);
    if (!existsSync(full)) throw new BackupError(`${full} is missing: use another backup.`);
    const found = digestOf(full);
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw new BackupError(
        `${full} is not as it was backed up (${found.bytes} of ${bytes} bytes, SHA-256 ${found.sha256}): use another backup.`,
      );
  }
}

/** Removes what an interrupted restore left. @throws BackupError if there are other files of the lane. */
function clear(paths: LanePaths): void {
  const present = filesOfLane(paths);
  if (existsSync(paths.restoring)) for (const path of present) rmSync(path, { recursive: true });
  else if (present.length > 0)
    throw new BackupError(`${present.join(", ")} would be overwritten: set LOGS_DIR to a new folder, or move the files away.`);
}
