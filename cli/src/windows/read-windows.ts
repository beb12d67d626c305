import { existsSync } from "node:fs";
import { LanePartition } from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import { windowJson, type WindowJson, type WindowSize } from "@streamgauge/core/windows";
import { StateStore } from "@streamgauge/metrics";

/** There is no state to read windows from. */
export class NoWindowsError extends Error {
  override readonly name = "NoWindowsError";
  readonly logsDir: string;

  constructor(logsDir: string, lane: string) {
    super(`${logsDir} has no state of lane ${lane}: metrics has not run there. Set LOGS_DIR to the folder of the log.`);
    this.logsDir = logsDir;
  }
}

/** Which windows to read. */
export interface WindowRange {
  readonly lane: string;
  readonly size: WindowSize;
  /** Windows that begin at this time or later, and before `to`; ms since 1970. */
  readonly from: number;
  readonly to: number;
}

/** The windows of a lane in the state that metrics keeps in LOGS_DIR, ascending, whether metrics runs or not. @throws NoWindowsError */
export async function readWindows(logsDir: string, { lane, size, from, to }: WindowRange): Promise<WindowJson[]> {
  const { state } = lanePaths(logsDir, new LanePartition(lane));
  if (!existsSync(state)) throw new NoWindowsError(logsDir, lane);
  const store = StateStore.openReadOnly(state);
  try {
    const now = Date.now();
    return Array.from(store.windows.range(size, from, to), (window) => windowJson(window, now));
  } finally {
    await store.close();
  }
}
