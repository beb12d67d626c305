import type { ComparisonEvent } from "@streamgauge/core/windows";
import { count, counted, figure, moment } from "./format.js";

export type Comparison = ComparisonEvent["comparisons"][number];

/** The figures of a comparison, each with its name. */
export function comparisonFigures(comparison: Comparison): (readonly [name: string, value: string])[] {
  const { champion, challenger, unit, rows, missed, won, lost, tied } = comparison;
  const of = (value: number | null) => `${figure(value)}${value === null || unit === "" ? "" : ` ${unit}`}`;
  return [
    [`MAE of ${champion}`, of(comparison.champion_mae)],
    [`MAE of ${challenger}`, of(comparison.challenger_mae)],
    ["Difference, 95 %", intervalText(comparison)],
    [`${challenger} is closer`, partOf(won, rows)],
    [`${champion} is closer`, partOf(lost, rows)],
    ["Equal", partOf(tied, rows)],
    ["Rows of both", count(rows)],
    [`Missed by ${challenger}, or not there yet`, counted(missed, "row")],
  ];
}

/** Of |error of the champion| − |error of the other lane|. */
export function intervalText({ difference }: Comparison): string {
  if (difference === null) return "not known yet";
  const { mean, lower, upper } = difference;
  return `${figure(mean)} (${figure(lower)} to ${figure(upper)})`;
}

function partOf(part: number, rows: number): string {
  return rows === 0 ? counted(part, "row") : `${counted(part, "row")} (${((100 * part) / rows).toFixed(1)} %)`;
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
