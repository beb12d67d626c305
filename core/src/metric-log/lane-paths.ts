import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LanePartition } from "../lane-partition.js";
import { partPathsOf } from "./part-files.js";
import { manifestPath } from "./parts-manifest.js";

/** Where the files of a partition of a lane are. */
export interface LanePaths {
  /** The newest part of the log. */
  readonly log: string;
  /** What is known of the parts before it; missing if there are none. */
  readonly parts: string;
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
  const log = csv("metric_log");
  return {
    log,
    parts: manifestPath(log),
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

/** The files and the folder of a lane that are there, without its lock: the newest part of its log first, then those before it. */
export function filesOfLane({ log, parts, unmatched, conflicts, corrections, lines, codes, state }: LanePaths): readonly string[] {
  return [log, ...partPathsOf(log), parts, unmatched, conflicts, corrections, lines, codes, state].filter((path) => existsSync(path));
}
