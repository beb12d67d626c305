import { mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { LanePartition, syncFolder } from "@streamgauge/core";
import { filesOfLane, lanePaths, readLogLines, withLog, LOG_HEADER } from "@streamgauge/core/metric-log";

/** The files and folders that the partitions of a lane have, without their locks. */
export function filesOf(logsDir: string, lane: string, partitions: number): readonly string[] {
  return LanePartition.all(lane, partitions).flatMap((partition) => {
    return filesOfLane(lanePaths(logsDir, partition));
  });
}

/** Removes what the partitions of a lane have. */
export function removeFiles(logsDir: string, lane: string, partitions: number): void {
  for (const path of filesOf(logsDir, lane, partitions)) rmSync(path, { recursive: true, force: true });
}

/** Moves what the partitions of a lane have to a folder, durably. What is there already stays. */
export function archiveFiles(logsDir: string, lane: string, partitions: number, archive: string): void {
  mkdirSync(archive, { recursive: true });
  for (const path of filesOf(logsDir, lane, partitions)) renameSync(path, join(archive, basename(path)));
  for (const folder of [archive, logsDir, join(logsDir, ".state")]) syncFolder(folder);
}

/** The lines of some logs as a set in which each counts: how many, and a sum that does not depend on their order. */
export interface LineSum {
  readonly lines: number;
  /** Two sums of 32-bit hashes of the lines, each below 2⁵³. */
  readonly sums: readonly [number, number];
}

/** @param lengths - bytes of each log that are committed. */
export function lineSum(logs: readonly { readonly path: string; readonly length: number }[]): LineSum {
  let lines = 0;
  const sums: [number, number] = [0, 0];
  for (const { path, length } of logs)
    withLog(
      path,
      (file) => {
        for (const { ids, yTrue, yPred } of readLogLines(file, LOG_HEADER.length))
          for (let row = 0; row < yTrue.length; row += 1) {
            const [low, high] = hashesOf(`${ids.at(row)},${yTrue[row]},${yPred[row]}`);
            sums[0] = (sums[0] + low) % Number.MAX_SAFE_INTEGER;
            sums[1] = (sums[1] + high) % Number.MAX_SAFE_INTEGER;
            lines += 1;
          }
      },
      length,
    );
  return { lines, sums };
}

/** FNV-1a of the characters, with two bases and primes. */
function hashesOf(text: string): readonly [number, number] {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995) ^ (high >>> 15);
  }
  return [low >>> 0, high >>> 0];
}
