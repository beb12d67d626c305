import { join } from "node:path";
import type { LanePartition } from "../lane-partition.js";

/** Where the files of a partition of a lane are. */
export interface LanePaths {
  readonly log: string;
  readonly unmatched: string;
  readonly conflicts: string;
  readonly corrections: string;
  /** What is known of each line besides its values; see `LineRecords` of metrics. */
  readonly lines: string;
  /** The bins of its features; see `CodeRecords` of metrics. */
  readonly codes: string;
  /** Folder of the state store. */
  readonly state: string;
  /** Guards all of them. */
  readonly lock: string;
  /** Exists while the files of the lane are restored from a backup, and after a restore that was interrupted. */
  readonly restoring: string;
}

/** @param logsDir - LOGS_DIR. The champion's files have no lane in their names. */
export function lanePaths(logsDir: string, partition: LanePartition): LanePaths {
  const csv = (stem: string) => join(logsDir, partition.fileName(stem, "csv"));
  const state = join(logsDir, ".state", `metrics.${partition.name}`);
  return {
    log: csv("metric_log"),
    unmatched: csv("unmatched"),
    conflicts: csv("conflicts"),
    corrections: csv("corrections"),
    lines: `${state}.lines`,
    codes: `${state}.codes`,
    state,
    lock: `${state}.lock`,
    restoring: join(logsDir, ".state", `metrics.${partition.lane}.restoring`),
  };
}
