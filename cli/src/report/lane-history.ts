import type { ReportContent } from "@streamgauge/gateway";
import { laneWindows, type SavedWindow, type WindowSize } from "@streamgauge/core/windows";
import { driftOfLane, Monitor, segmentsOfLane, type AlarmSettings, type LaneAlarm } from "@streamgauge/metrics";
import { alarmsJson } from "../alarms/alarms-text.js";
import { alarmsIn } from "../alarms/read-alarms.js";
import type { PartitionState } from "../lane-state.js";

/** An alarm, and the file of the log that its rows are counted in; undefined if the lane has only one. */
export interface LoggedAlarm extends LaneAlarm {
  readonly log?: string | undefined;
}

/** What a report is made of: a lane as it is committed. */
export interface LaneHistory {
  /** Where its windows of the size begin, ascending; ms since 1970. */
  readonly starts: readonly number[];
  /**
   * Those that begin in `from` or later and before `to`, ascending; read anew with each call.
   *
   * @param onPart - gets the parts of each that are in the partitions, with the partition's name.
   */
  readonly windows: (from: number, to: number, onPart?: (window: SavedWindow, partition: string) => void) => Iterable<SavedWindow>;
  /** What drifted, and where the error is, in the hours that begin in `from` or later and before `to`. @param model - a version; empty: that of the latest hour. */
  readonly features: (model: string, from: number, to: number) => Pick<ReportContent, "drift" | "segments">;
  /** Ascending. */
  readonly alarms: readonly LoggedAlarm[];
  /** The alarm of each model version, as `streamgauge alarms --json` prints it. */
  readonly models: ReturnType<typeof alarmsJson>["models"];
}

/** Use it in one turn of the event loop: then it is one snapshot of each store. */
export function laneHistory(parts: readonly PartitionState[], size: WindowSize, settings: AlarmSettings): LaneHistory {
  const monitors = parts.map(({ partition, store }) => ({ partition, monitor: Monitor.read(store) }));
  const read = monitors.map(({ partition, monitor }) => ({ partition, windows: monitor?.windows }));
  const alarms = parts.flatMap((part) => alarmsIn(part, settings) ?? []);
  const starts = read.flatMap(({ windows }) => windows?.keys() ?? []).filter(([each]) => each === size);
  return {
    starts: [...new Set(starts.map(([, start]) => start))].sort((one, other) => one - other),
    windows: (from, to, onPart) =>
      laneWindows(
        read.map(({ partition, windows }) => ({ partition, windows: windows?.range(size, from, to) ?? [] })),
        onPart,
      ),
    features: (model, from, to) => {
      const question = { model: model === "" ? undefined : model, from, to };
      const all = monitors.flatMap(({ monitor }) => monitor ?? []);
      return { drift: driftOfLane(all, question) ?? null, segments: segmentsOfLane(all, question) ?? null };
    },
    alarms: alarms
      .flatMap(({ raised, log }) => raised.map((alarm) => ({ ...alarm, log })))
      .sort((one, other) => one.raisedAt - other.raisedAt),
    models: alarms.flatMap((each) => alarmsJson(each).models),
  };
}

/** Model versions with labelled rows in the windows that are kept, in the order in which they first come. */
export function versionsIn({ windows }: Pick<LaneHistory, "windows">): string[] {
  const versions = new Set<string>();
  for (const window of windows(-Infinity, Infinity)) for (const { model } of window.models) versions.add(model);
  return [...versions];
}
