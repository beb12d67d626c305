import type { LaneAlarm, RaisedAlarm } from "./raised-alarm.js";

/** An alarm in a sentence for the user. @param unit - of the target; empty if it is not known. */
export function describeAlarm(alarm: LaneAlarm, unit: string): string {
  const { kind, model, row, sinceRow, sinceTime } = alarm;
  const time = Number.isFinite(sinceTime) ? ` (${new Date(sinceTime).toISOString()})` : "";
  const advice = kind === "worse" ? "" : " If nobody improved it, look for a label that leaks into the features.";
  return (
    `The error of model ${model} is ${kind} since about row ${sinceRow} of the log${time}: ${describeMeans(alarm, unit)}. ` +
    `Noticed with row ${row}.${advice}`
  );
}

/** The means before and since. @param unit - of the target; empty if it is not known. */
export function describeMeans({ meanBefore, meanSince, meanSinceLow, meanSinceHigh }: RaisedAlarm, unit: string): string {
  const interval = Number.isNaN(meanSinceLow) ? "" : ` (${figure(meanSinceLow)} to ${figure(meanSinceHigh)})`;
  const of = unit === "" ? "" : ` ${unit}`;
  return `mean absolute error ${figure(meanBefore)}${of} before, ${figure(meanSince)}${interval}${of} since`;
}

function figure(number: number): string {
  return String(Number(number.toPrecision(5)));
}
