import type { HeadlineEvent } from "@streamgauge/core/windows";
import { comparison, count, duration, figure, figureOf, figureOrOverflow, moment, NONE, OVERFLOW_TEXT, percent } from "./format.js";

type Figures = NonNullable<HeadlineEvent["last_hour"]>;

/** One figure of the headline. */
export interface Tile {
  readonly title: string;
  readonly value: string;
  /** What the value is compared with, or how sure it is. */
  readonly note: string;
  /** Whether someone should look. */
  readonly tone: "plain" | "good" | "bad";
}

/** The headline: how the lane is in the last hour of its stream. */
export function tilesOf({ last_hour: hour, rows_per_second: rate, model, unit, alarm }: HeadlineEvent): Tile[] {
  return [
    maeTile(hour, unit),
    estimateTile(hour),
    {
      title: "Rows per second",
      value: rate === null ? NONE : figure(round(rate.predicted)),
      note: rate === null ? "" : `${figure(round(rate.labelled))} labels`,
      tone: "plain",
    },
    coverageTile(hour),
    lagTile(hour),
    ...intervalTiles(hour),
    alarmTile(alarm),
    modelTile(model),
  ];
}

/** @param unit - of the predicted value; empty if it is not known. */
export function maeTile(hour: HeadlineEvent["last_hour"], unit: string): Tile {
  const title = unit === "" ? "MAE" : `MAE in ${unit}`;
  if (hour === null) return { title, value: NONE, note: "", tone: "plain" };
  return { title, value: figureOf(hour, "mae"), note: maeNote(hour), tone: "plain" };
}

export function estimateTile(hour: HeadlineEvent["last_hour"]): Tile {
  const title = "Estimated MAE";
  if (hour === null) return { title, value: NONE, note: "", tone: "plain" };
  return { title, value: figureOf(hour, "estimated_mae"), note: estimateNote(hour), tone: "plain" };
}

function maeNote({ mae, reference_mae: reference, overflowed = [] }: Figures): string {
  if (overflowed.includes("mae")) return OVERFLOW_TEXT;
  if (overflowed.includes("reference_mae")) return `the reference is ${OVERFLOW_TEXT}`;
  return mae === null || reference === null ? "no reference yet" : comparison(mae, reference);
}

function estimateNote({ estimated_mae: value, estimated_low: low, estimated_high: high, overflowed = [] }: Figures): string {
  if (overflowed.includes("estimated_mae")) return OVERFLOW_TEXT;
  if (value === null) return "";
  return low === null || high === null ? `no interval: squared errors are ${OVERFLOW_TEXT}` : `95 %: ${figure(low)} to ${figure(high)}`;
}

export function coverageTile(hour: HeadlineEvent["last_hour"]): Tile {
  const note = hour === null ? "" : `${count(hour.labelled)} of ${count(hour.predicted)} have a label`;
  return { title: "Coverage", value: percent(hour?.coverage), note, tone: "plain" };
}

export function lagTile(hour: HeadlineEvent["last_hour"]): Tile {
  const note = typeof hour?.lag_p95_s === "number" ? `95 %: ${duration(hour.lag_p95_s)}` : "";
  return { title: "Label lag", value: duration(hour?.lag_p50_s), note, tone: "plain" };
}

/** The intervals that were announced with predictions; none while there are none. */
export function intervalTiles(hour: HeadlineEvent["last_hour"]): Tile[] {
  if (hour === null || hour.interval_rows === 0) return [];
  const note = `target ${percent(hour.interval_target)}, mean width ${figureOf(hour, "interval_width")}`;
  return [{ title: "Interval coverage", value: percent(hour.interval_coverage), note, tone: "plain" }];
}

function alarmTile(alarm: HeadlineEvent["alarm"]): Tile {
  const title = "Alarm";
  if (alarm === null) return { title, value: NONE, note: "metrics has said nothing yet", tone: "plain" };
  if (alarm.state === "reference") return { title, value: "learns", note: "gathers the reference", tone: "plain" };
  if (alarm.state === "ok") return { title, value: "none", note: "the error is as it was", tone: "good" };
  return { title, value: `error is ${alarm.state}`, note: changeNote(alarm.change), tone: "bad" };
}

/** Since when and how much; the line of health says all of it. */
function changeNote(change: NonNullable<HeadlineEvent["alarm"]>["change"]): string {
  if (change === undefined) return "";
  const { since_time: time, since_row: row, mean_before: before, mean_since: since, log } = change;
  const at = time === null ? `row ${count(row)}` : `${moment(time)} UTC`;
  return `since about ${at}: MAE ${figureOrOverflow(before)} before, ${figureOrOverflow(since)} since${log === undefined ? "" : `, in ${log}`}`;
}

/** A version is long, and its name is what people know. */
function modelTile(model: string | null): Tile {
  const [, name = model ?? "", version = ""] = /^(.*)@([^@]*)$/.exec(model ?? "") ?? [];
  return { title: "Model", value: name || NONE, note: version, tone: "plain" };
}

/** Three digits: a rate has no more that mean anything. */
function round(rate: number): number {
  return Number(rate.toPrecision(3));
}

/** What the times of the last hour are. */
export function hourText(hour: HeadlineEvent["last_hour"]): string {
  return hour === null ? "" : `The last hour of the stream: ${moment(hour.start)} to ${moment(hour.end).slice(11)} UTC`;
}
