import { METRICS } from "@streamgauge/core";
import {
  lengthOf,
  longerLengths,
  longerStart,
  longerWindows,
  windowJson,
  WindowSum,
  type WindowSize,
  type WindowSummary,
} from "@streamgauge/core/windows";
import type { ReportContent } from "@streamgauge/gateway";
import { windowAlarm } from "@streamgauge/metrics";
import type { LaneHistory } from "./lane-history.js";
import { latestThatFit, reportAlarm } from "./report-alarms.js";
import { reportCommands } from "./report-commands.js";
import type { ReportRequest } from "./report-request.js";

/** More windows than this are merged without trying whether they fit. */
const MOST_WINDOWS = 5_000;

/** What the contents of a report have in common, however long their windows are. */
type Frame = Omit<ReportContent, "length" | "windows" | "summary">;

/** The content of a report at each length of its windows: their own first, then longer and so fewer ones. Each is computed when it is asked for. */
export function* reportContents(request: ReportRequest, history: LaneHistory): Generator<ReportContent> {
  const { size, from, to, now } = request;
  const starts = history.starts.filter((start) => start >= from && start < to);
  const frame = frameOf(request, history, starts);
  const alarms = history.alarms.map((alarm) => windowAlarm(alarm, alarm.log));
  let summary: WindowSummary | null | undefined;
  for (const length of longerLengths(size)) {
    if (new Set(starts.map((start) => longerStart(start, length))).size > MOST_WINDOWS) continue;
    const sum = new WindowSum();
    const counted = history.windows(from, to, summary === undefined ? (window, partition) => sum.add(window, partition) : undefined);
    const shown = length === lengthOf(size) ? counted : longerWindows(counted, length);
    const windows = Array.from(shown, (window) => windowJson(window, alarms, now, length));
    summary ??= sum.summary() ?? null;
    yield { ...frame, length, windows, summary };
  }
}

function frameOf(request: ReportRequest, history: LaneHistory, starts: readonly number[]): Frame {
  const { lane, model, size, from, to, writtenAt, version } = request;
  const within = timesOf(starts, size) ?? { from, to };
  const alarms = history.alarms.filter(({ time }) => time >= within.from && time < within.to).map(reportAlarm);
  return {
    lane,
    model,
    size,
    from: Number.isFinite(from) ? from : null,
    to: Number.isFinite(to) ? to : null,
    kept: timesOf(history.starts, size) ?? null,
    count: starts.length,
    writtenAt,
    version,
    commands: reportCommands(request, within),
    metrics: METRICS.map(({ name, title, description, formula }) => ({ name, title, description, formula })),
    references: history.models.map(({ model: each, state, sharpened, reference }) => ({
      model: each,
      state,
      baseline: sharpened,
      reference,
    })),
    ...history.features(model, from, to),
    alarms: latestThatFit(alarms),
    alarmCount: alarms.length,
  };
}

/** From the beginning of the first window to the end of the last one; undefined of none. */
function timesOf(starts: readonly number[], size: WindowSize): { readonly from: number; readonly to: number } | undefined {
  const [first, last] = [starts[0], starts.at(-1)];
  return first === undefined || last === undefined ? undefined : { from: first, to: last + lengthOf(size) };
}
