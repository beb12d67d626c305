import type { WindowAlarm } from "@streamgauge/core/windows";
import type { LaneAlarm } from "../alarm/raised-alarm.js";

/** An alarm as the windows of its row show it. @param log - the file of the log; undefined if the lane has only one. */
export function windowAlarm(alarm: LaneAlarm, log: string | undefined): WindowAlarm {
  const { kind, model, row, time, sinceRow, sinceTime, meanBefore, meanSince } = alarm;
  return {
    kind,
    model,
    ...(log === undefined ? {} : { log }),
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
