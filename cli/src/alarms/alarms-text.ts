import { describeChange, printable } from "@streamgauge/core";
import { ALARM_KINDS, errorChange, type LaneAlarm, type ModelAlarm } from "@streamgauge/metrics";
import type { PartitionAlarms, ReadAlarms } from "./read-alarms.js";
import { risePercent, sharpenedText, short, whole } from "./simulation-text.js";

/** Changes that are printed. */
const PRINTED = 20;

/** The alarm of a version as JSON; numbers that are not known are null. */
function modelJson(model: string, alarm: ModelAlarm) {
  const { baseline, sharpened, seen, referenceUntilRow, blockRows, every } = alarm;
  return {
    model,
    state: ALARM_KINDS.find((kind) => alarm.isOn(kind)) ?? (baseline === undefined ? "reference" : "ok"),
    rows: seen,
    baseline: baseline?.worse ?? null,
    baseline_better: baseline?.better?.m ?? null,
    sharpened: sharpened?.worse ?? null,
    sharpened_better: sharpened?.better?.m ?? null,
    reference:
      baseline === undefined ? null : { source: baseline.source, rows: baseline.rows, mean: baseline.mean, until_row: referenceUntilRow },
    block_rows: blockRows,
    every_rows: every,
  };
}

/** An alarm of a lane as JSON; numbers and times that are not known are null. */
export function raisedJson(alarm: LaneAlarm) {
  const number = (value: number) => (Number.isFinite(value) ? value : null);
  const time = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
  return {
    number: alarm.number,
    model: alarm.model,
    kind: alarm.kind,
    row: alarm.row,
    time: time(alarm.time),
    since_row: alarm.sinceRow,
    since_time: time(alarm.sinceTime),
    rows_since: alarm.rowsSince,
    mean_before: number(alarm.meanBefore),
    mean_since: number(alarm.meanSince),
    mean_since_low: number(alarm.meanSinceLow),
    mean_since_high: number(alarm.meanSinceHigh),
    baseline: number(alarm.baseline),
    raised_at: time(alarm.raisedAt),
    again: alarm.again,
  };
}

/** Everything as one JSON object. */
export function alarmsJson({ models, count, raised, changes, log }: ReadAlarms) {
  return {
    models: models.map(({ model, alarm }) => modelJson(model, alarm)),
    count,
    alarms: raised.map(raisedJson),
    changes: changes.map((change) => errorChange(change, log)),
  };
}

/** The alarms of a lane as JSON; those of several partitions by partition. */
export function laneAlarmsJson(parts: readonly PartitionAlarms[]) {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return alarmsJson(only.alarms);
  return { partitions: parts.map(({ partition, alarms }) => ({ partition, ...alarmsJson(alarms) })) };
}

/** The same as text. */
export function laneAlarmsText(parts: readonly PartitionAlarms[]): string {
  const title = (partition: string) => (parts.length === 1 ? "" : `Partition ${partition}:\n`);
  return parts.map(({ partition, alarms }) => `${title(partition)}${alarmsText(alarms)}`).join("\n");
}

/** The state of each version, and the last changes, as text. */
export function alarmsText({ models, count, changes, log }: ReadAlarms): string {
  const more = changes.length > PRINTED ? `; the last ${PRINTED} changes are shown` : "";
  return [
    ...models.map(({ model, alarm }) => modelText(model, alarm)),
    "",
    ...changes
      .slice(-PRINTED)
      .map((change) => `model ${change.model} became ${change.kind} at ${describeChange(errorChange(change, log), "")}`),
    `${whole(count)} ${count === 1 ? "alarm" : "alarms"} since the lane began; an alarm is raised again while its change lasts${more}.`,
    "",
  ]
    .map(printable)
    .join("\n");
}

function modelText(model: string, alarm: ModelAlarm): string {
  const { baseline, sharpened, seen } = alarm;
  if (baseline === undefined || sharpened === undefined)
    return `model ${model}: its reference is being gathered, ${whole(seen)} rows so far.`;
  const state = ALARM_KINDS.find((kind) => alarm.isOn(kind));
  const rows = whole(baseline.rows);
  const source = baseline.source === "held-out" ? `${rows} held-out rows` : `its first ${rows} rows`;
  return (
    `model ${model}: ${state === undefined ? "no alarm" : `ALARM, ${state}`}; baseline ${short(baseline.worse)}, from the mean error ` +
    `${short(baseline.mean)} of ${source}${sharpenedText(baseline, sharpened)}: rises of less than ${risePercent(baseline, sharpened)} % are not noticed. ` +
    `At most one false alarm in ${whole(alarm.every)} rows; ${whole(seen)} rows so far.`
  );
}
