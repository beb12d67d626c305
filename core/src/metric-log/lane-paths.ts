import { CHAMPION } from "../bus/topology.js";
import { join } from "node:path";

/** Where a lane's files are. */
export interface LanePaths {
  readonly log: string;
  readonly unmatched: string;
  readonly conflicts: string;
  /** Folder of the state store. */
  readonly state: string;
  /** Guards all of them. */
  readonly lock: string;
}

/** @param logsDir - LOGS_DIR. The champion's files have no lane in their names. */
export function lanePaths(logsDir: string, lane: string): LanePaths {
  const csv = (name: string) => join(logsDir, lane === CHAMPION ? `${name}.csv` : `${name}.${lane}.csv`);
  const state = join(logsDir, ".state", `metrics.${lane}`);
  return { log: csv("metric_log"), unmatched: csv("unmatched"), conflicts: csv("conflicts"), state, lock: `${state}.lock` };
}
