import type { ReportAlarm } from "./report-data.js";

/** A change of the error: the alarm that noticed it, and how often it was raised again. */
export interface AlarmChange extends ReportAlarm {
  readonly repeats: number;
}

/** Changes in the order of their alarms. One that went on when the range began counts from its first alarm within. */
export function changesOf(alarms: readonly ReportAlarm[]): AlarmChange[] {
  const changes: AlarmChange[] = [];
  const latest = new Map<string, number>();
  for (const alarm of alarms) {
    const key = JSON.stringify([alarm.kind, alarm.model, alarm.log]);
    const at = latest.get(key);
    const known = at === undefined ? undefined : changes[at];
    if (alarm.again && at !== undefined && known !== undefined) changes[at] = { ...known, repeats: known.repeats + 1 };
    else latest.set(key, changes.push({ ...alarm, repeats: 0 }) - 1);
  }
  return changes;
}
