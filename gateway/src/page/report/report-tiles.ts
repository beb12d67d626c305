import { count, counted, figureOf, moment, OVERFLOW_TEXT } from "../format.js";
import { coverageTile, estimateTile, intervalTiles, lagTile, maeTile, type Tile } from "../tiles.js";
import { changesOf } from "./alarm-changes.js";
import type { ReportContent } from "./report-data.js";

/** The figures of the whole range. */
export function reportTiles({ summary, model, metrics, alarms }: ReportContent): Tile[] {
  if (summary === null) return [];
  const others = metrics.filter(({ name }) => name !== "mae");
  return [
    ...versionTiles(summary, model),
    maeTile(summary, ""),
    estimateTile(summary),
    ...others.map((metric) => metricTile(summary, metric)),
    coverageTile(summary),
    lagTile(summary),
    ...intervalTiles(summary),
    alarmsTile(alarms),
  ];
}

function metricTile(summary: NonNullable<ReportContent["summary"]>, { name, title, description }: ReportContent["metrics"][number]): Tile {
  const isBeyond = summary.overflowed?.includes(name) === true;
  return { title, value: figureOf(summary, name), note: isBeyond ? `${OVERFLOW_TEXT}: ${description}` : description, tone: "plain" };
}

function versionTiles({ models }: NonNullable<ReportContent["summary"]>, model: string): Tile[] {
  if (model === "") return [];
  const version = models.find((each) => each.model === model) ?? { labelled: 0, mae: null, rmse: null };
  return [
    { title: `MAE of ${model}`, value: figureOf(version, "mae"), note: counted(version.labelled, "labelled row"), tone: "plain" },
    { title: `RMSE of ${model}`, value: figureOf(version, "rmse"), note: "", tone: "plain" },
  ];
}

function alarmsTile(alarms: ReportContent["alarms"]): Tile {
  const changes = changesOf(alarms);
  const last = changes.at(-1);
  if (last === undefined) return { title: "Alarms", value: "none", note: "no change of the error was noticed", tone: "good" };
  const since = last.since_time === null ? "" : ` since ${moment(last.since_time)}`;
  return { title: "Alarms", value: count(changes.length), note: `the last: error is ${last.kind}${since}`, tone: "bad" };
}
