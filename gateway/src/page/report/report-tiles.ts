import { count, counted, figure, moment } from "../format.js";
import { coverageTile, estimateTile, lagTile, maeTile, type Tile } from "../tiles.js";
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
    ...others.map(({ name, title, description }): Tile => ({ title, value: figure(summary[name]), note: description, tone: "plain" })),
    coverageTile(summary),
    lagTile(summary),
    alarmsTile(alarms),
  ];
}

function versionTiles({ models }: NonNullable<ReportContent["summary"]>, model: string): Tile[] {
  if (model === "") return [];
  const { labelled = 0, mae = null, rmse = null } = models.find((each) => each.model === model) ?? {};
  return [
    { title: `MAE of ${model}`, value: figure(mae), note: counted(labelled, "labelled row"), tone: "plain" },
    { title: `RMSE of ${model}`, value: figure(rmse), note: "", tone: "plain" },
  ];
}

function alarmsTile(alarms: ReportContent["alarms"]): Tile {
  const changes = changesOf(alarms);
  const last = changes.at(-1);
  if (last === undefined) return { title: "Alarms", value: "none", note: "no change of the error was noticed", tone: "good" };
  const since = last.since_time === null ? "" : ` since ${moment(last.since_time)}`;
  return { title: "Alarms", value: count(changes.length), note: `the last: error is ${last.kind}${since}`, tone: "bad" };
}
