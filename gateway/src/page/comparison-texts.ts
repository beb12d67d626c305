import type { ComparisonEvent } from "@streamgauge/core/windows";
import { count, counted, figure, moment, NONE } from "./format.js";
import type { Tile } from "./tiles.js";

export type Comparison = ComparisonEvent["comparisons"][number];

/** The figures of a comparison. */
export function comparisonTiles(comparison: Comparison): Tile[] {
  const { champion, challenger, rows, missed, won, lost, tied } = comparison;
  const tile = (title: string, value: string, note = ""): Tile => ({ title, value, note, tone: "plain" });
  return [
    tile(`MAE of ${champion}`, figure(comparison.champion_mae)),
    tile(`MAE of ${challenger}`, figure(comparison.challenger_mae)),
    tile("Difference", figure(comparison.difference?.mean), `95 %: ${intervalText(comparison)}`),
    tile(`${challenger} is closer`, percentOf(won, rows), `on ${counted(won, "row")}`),
    tile(`${champion} is closer`, percentOf(lost, rows), `on ${counted(lost, "row")}; equal on ${count(tied)}`),
    tile("Rows of both", count(rows)),
    tile(`Missed by ${challenger}`, count(missed), "or not there yet"),
  ];
}

/** Of |error of the champion| − |error of the other lane|. */
export function intervalText({ difference }: Comparison): string {
  return difference === null ? "not known yet" : `${figure(difference.lower)} to ${figure(difference.upper)}`;
}

function percentOf(part: number, rows: number): string {
  return rows === 0 ? NONE : `${((100 * part) / rows).toFixed(1)} %`;
}

/** As of when, and what is not as it should be. */
export function comparisonNote({ time, is_complete: isComplete, is_heard: isHeard }: Comparison): string {
  const reading = isComplete ? "" : " The logs are still being read: the figures are of what was read so far.";
  const silent = isHeard ? "" : " The service plot, which compares the lanes, is not heard any more: start it again.";
  return `As of ${moment(time)} UTC.${reading}${silent}`;
}

/** What is said if there are several lanes and no comparison of them. */
export const NO_COMPARISON =
  "No comparison was heard yet. The service plot makes it from the logs of both lanes: it must run where the logs are, with the same LANES. " +
  "“streamgauge compare” says the same once.";
