import type { Baseline, RaisedAlarm } from "@streamgauge/metrics";
import type { Simulation } from "./simulate-log.js";

/** Alarms that are listed in full. */
const LISTED = 20;

/** An alarm as JSON: rows are counted from 1 in the order of the log; a mean beyond the largest double is null. */
export function alarmJson({ row, sinceRow, kind, meanBefore, meanSince }: RaisedAlarm) {
  return { row, since_row: sinceRow, kind, mean_before: finite(meanBefore), mean_since: finite(meanSince) };
}

function finite(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}

/** The simulation as JSON. The baseline is null if the log is shorter than the reference. */
export function simulationJson({ rows, baseline, alarms }: Simulation) {
  return { rows, baseline: baseline?.worse ?? null, alarms: alarms.map(alarmJson) };
}

/** The simulation as text. @param every - N. */
export function simulationText(simulation: Simulation, path: string, every: number): string {
  const { rows, alarms } = simulation;
  const begun = alarms.filter(({ again }) => !again);
  return [
    `${path}: ${whole(rows)} rows.`,
    baselineText(simulation, every),
    ...begun.slice(0, LISTED).map(alarmText),
    ...(begun.length > LISTED ? [`and ${whole(begun.length - LISTED)} more changes`] : []),
    `${whole(alarms.length)} ${alarms.length === 1 ? "alarm" : "alarms"}, ${whole(alarms.length - begun.length)} of them while one was on already.`,
    "",
  ].join("\n");
}

function baselineText({ baseline, sharpened, referenceUntilRow, blockRows, rows }: Simulation, every: number): string {
  if (baseline === undefined || sharpened === undefined) return `No baseline: the reference was not complete after ${whole(rows)} rows.`;
  const blocks =
    blockRows === 1 ? "" : ` The errors of neighbouring rows depend on each other: they are watched in blocks of ${whole(blockRows)}.`;
  return (
    `Baseline ${short(baseline.worse)}, from the mean error ${short(baseline.mean)} of rows 1 to ${whole(referenceUntilRow)}${sharpenedText(baseline, sharpened)}: ` +
    `rises of less than ${risePercent(baseline, sharpened)} % are not noticed. At most one false alarm in ${whole(every)} rows.${blocks}`
  );
}

/** What the rows behind the reference have made of a baseline. */
export function sharpenedText({ worse }: Baseline, sharpened: Baseline | undefined): string {
  return sharpened === undefined || sharpened.worse === worse ? "" : `, by now ${short(sharpened.worse)} with the rows since`;
}

/** How much the error may rise before the alarm can notice it, in percent: the tolerance, and what is not known of the mean. */
export function risePercent({ mean }: Baseline, { worse }: Baseline): string {
  return ((worse / mean - 1) * 100).toFixed(1);
}

/** An alarm in one line. */
export function alarmText({ kind, row, sinceRow, meanBefore, meanSince, meanSinceLow, meanSinceHigh }: RaisedAlarm): string {
  const interval = Number.isNaN(meanSinceLow) ? "" : ` (95 % interval: ${short(meanSinceLow)} to ${short(meanSinceHigh)})`;
  return `row ${whole(row)}: ${kind} since about row ${whole(sinceRow)}; mean error ${short(meanBefore)} before, ${short(meanSince)}${interval} since`;
}

/** Five digits are enough to read. */
export function short(number: number): string {
  return String(Number(number.toPrecision(5)));
}

/** A whole number, with commas between thousands. */
export function whole(number: number): string {
  return number.toLocaleString("en-US", { maximumFractionDigits: 0 });
}
