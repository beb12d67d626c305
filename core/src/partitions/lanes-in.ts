import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CHAMPION, isPartitionName, LanePartition } from "../lane-partition.js";
import { lanePaths } from "../metric-log/lane-paths.js";

/** The lanes that have a log or a state with this number of partitions in LOGS_DIR, the champion first. */
export function lanesIn(logsDir: string, partitions: number): readonly string[] {
  const states = namesIn(join(logsDir, ".state")).flatMap((name) => /^metrics\.([a-z][a-z0-9-]*?)(?:\.\d+of\d+)?$/.exec(name)?.[1] ?? []);
  const logs = namesIn(logsDir).flatMap((name) => {
    const log = /^metric_log(?:\.([a-z][a-z0-9-]*?))?(?:\.\d+of\d+)?\.csv$/.exec(name);
    return log === null ? [] : [log[1] ?? CHAMPION];
  });
  const known = [...new Set([...states, ...logs])].filter((lane) => !isPartitionName(lane) && isThere(logsDir, lane, partitions));
  return known.toSorted((one, other) => Number(other === CHAMPION) - Number(one === CHAMPION) || (one < other ? -1 : 1));
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function isThere(logsDir: string, lane: string, partitions: number): boolean {
  return LanePartition.all(lane, partitions).some((partition) => {
    const { log, state } = lanePaths(logsDir, partition);
    return existsSync(log) || existsSync(state);
  });
}
