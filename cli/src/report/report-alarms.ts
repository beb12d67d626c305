import type { ReportAlarm } from "@streamgauge/gateway";
import { windowAlarm } from "@streamgauge/metrics";
import type { LoggedAlarm } from "./lane-history.js";

/** The most bytes that alarms take in a report, as JSON. */
const MOST_ALARM_BYTES = 250_000;

/** An alarm as a report shows it. */
export function reportAlarm(alarm: LoggedAlarm): ReportAlarm {
  const { meanSinceLow: low, meanSinceHigh: high, again } = alarm;
  return { ...windowAlarm(alarm, alarm.log), mean_since_low: finite(low), mean_since_high: finite(high), again };
}

/** Names of models may be long, and "<" takes six bytes in a report. @param alarms - ascending. */
export function latestThatFit(alarms: readonly ReportAlarm[]): readonly ReportAlarm[] {
  const bytes = Buffer.byteLength(JSON.stringify(alarms).replaceAll("<", "\\u003c"));
  return bytes <= MOST_ALARM_BYTES ? alarms : latestThatFit(alarms.slice(Math.ceil(alarms.length / 2)));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
