import type { WindowAlarm } from "@streamgauge/core/windows";
import type { LaneAlarm } from "../alarm/raised-alarm.js";

/** An alarm as the windows of its row show it. */
export function windowAlarm({ kind, model, row, time, sinceRow, sinceTime, meanBefore, meanSince }: LaneAlarm): WindowAlarm {
  return {
    kind,
    model,
    row,
    time: Number.isNaN(time) ? 0 : time,
    since_row: sinceRow,
    since_time: finite(sinceTime),
    mean_before: finite(meanBefore),
    mean_since: finite(meanSince),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
