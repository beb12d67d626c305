import type { ErrorChange } from "@streamgauge/core";
import type { LaneAlarm } from "./raised-alarm.js";

/** A change of the error: the alarm that noticed it first, and how often it was raised again. */
export interface AlarmChange extends LaneAlarm {
  readonly raisedAgain: number;
}

/** What is known of a change with one more alarm of its kind and model. @param known - the change so far; undefined of the first alarm. */
export function withAlarm(known: AlarmChange | undefined, alarm: LaneAlarm): AlarmChange {
  return alarm.again && known !== undefined ? { ...known, raisedAgain: known.raisedAgain + 1 } : { ...alarm, raisedAgain: 0 };
}

/** Which changes an alarm may belong to. */
export function changeKey({ kind, model }: Pick<LaneAlarm, "kind" | "model">): string {
  return JSON.stringify([kind, model]);
}

/** The changes that alarms are about, in the order of their first alarms. @param alarms - in their order; of a change whose first alarm is missing, the next one counts as the first. */
export function changesOf(alarms: readonly LaneAlarm[]): AlarmChange[] {
  const changes = new Map<number, AlarmChange>();
  const latest = new Map<string, AlarmChange>();
  for (const alarm of alarms) {
    const change = withAlarm(latest.get(changeKey(alarm)), alarm);
    latest.set(changeKey(alarm), change);
    changes.set(change.number, change);
  }
  return [...changes.values()];
}

/** A change as other services and people read it. @param log - the file of the log; undefined if the lane has only one. */
export function errorChange(change: AlarmChange, log: string | undefined): ErrorChange {
  const { kind, model, sinceRow, sinceTime, row, time, meanBefore, meanSince, meanSinceLow, meanSinceHigh, raisedAgain } = change;
  return {
    kind,
    model,
    ...(log === undefined ? {} : { log }),
    since_row: sinceRow,
    since_time: timeText(sinceTime),
    row,
    time: timeText(time),
    mean_before: finite(meanBefore),
    mean_since: finite(meanSince),
    mean_since_low: finite(meanSinceLow),
    mean_since_high: finite(meanSinceHigh),
    raised_again: raisedAgain,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function timeText(ms: number): string | null {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}
