import { laneWindows, windowJson, type WindowJson, type WindowSize } from "@streamgauge/core/windows";
import { Monitor, windowAlarm } from "@streamgauge/metrics";
import { withLaneState } from "../lane-state.js";

/** Which windows to read. */
export interface WindowRange {
  readonly lane: string;
  readonly size: WindowSize;
  /** Windows that begin at this time or later, and before `to`; ms since 1970. */
  readonly from: number;
  readonly to: number;
}

/** The windows of a lane in the state that metrics keeps in LOGS_DIR, ascending, whether metrics runs or not. @throws NoStateError */
export async function readWindows(logsDir: string, { lane, size, from, to }: WindowRange): Promise<WindowJson[]> {
  const now = Date.now();
  return withLaneState(logsDir, lane, (parts) => {
    const alarms = parts.flatMap(({ store, logName }) => store.raisedAlarms().map((alarm) => windowAlarm(alarm, logName)));
    const windows = parts.map(({ partition, store }) => ({ partition, windows: Monitor.read(store)?.windows.range(size, from, to) ?? [] }));
    return Array.from(laneWindows(windows), (window) => windowJson(window, alarms, now));
  });
}

/** Where the windows of a size begin that are kept of a lane, ascending; ms since 1970. @throws NoStateError */
export async function windowStarts(logsDir: string, { lane, size }: Pick<WindowRange, "lane" | "size">): Promise<number[]> {
  return withLaneState(logsDir, lane, (parts) => {
    const keys = parts.flatMap(({ store }) => Monitor.read(store)?.windows.keys() ?? []);
    const starts = keys.filter(([each]) => each === size).map(([, start]) => start);
    return [...new Set(starts)].toSorted((one, other) => one - other);
  });
}
