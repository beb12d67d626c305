import type { SavedWindow, WindowSize } from "@streamgauge/core/windows";
import { Monitor, type AlarmSettings, type LaneAlarm, type StateStore } from "@streamgauge/metrics";
import { alarmsJson } from "../alarms/alarms-text.js";
import { alarmsIn } from "../alarms/read-alarms.js";

/** What a report is made of: a lane as it is committed. */
export interface LaneHistory {
  /** Where its windows of the size begin, ascending; ms since 1970. */
  readonly starts: readonly number[];
  /** Those that begin in `from` or later and before `to`, ascending; read anew with each call. */
  readonly windows: (from: number, to: number) => Iterable<SavedWindow>;
  /** Ascending. */
  readonly alarms: readonly LaneAlarm[];
  /** The alarm of each model version, as `streamgauge alarms --json` prints it. */
  readonly models: ReturnType<typeof alarmsJson>["models"];
}

/** Use it in one turn of the event loop: then it is one snapshot of the store. */
export function laneHistory(store: StateStore, size: WindowSize, settings: AlarmSettings): LaneHistory {
  const windows = Monitor.read(store)?.windows;
  const alarms = alarmsIn(store, settings);
  return {
    starts: (windows?.keys() ?? []).filter(([each]) => each === size).map(([, start]) => start),
    windows: (from, to) => windows?.range(size, from, to) ?? [],
    alarms: alarms?.raised ?? [],
    models: alarms === undefined ? [] : alarmsJson(alarms).models,
  };
}
