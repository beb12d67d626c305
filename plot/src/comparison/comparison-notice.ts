import type { ComparisonNotice } from "@streamgauge/core";
import type { ComparedLanes } from "./compared-lanes.js";
import { differenceText, verdictText } from "./comparison-text.js";

/** Points of the history that are sent. */
const POINTS = 24;

/** A comparison as it is broadcast. @param isComplete - whether the logs were read to their ends. */
export function comparisonNotice(lanes: ComparedLanes, isComplete: boolean): ComparisonNotice {
  const { champion, challenger, unit, time, rows, missed, won, lost, tied, verdict, difference } = lanes;
  return {
    champion,
    challenger,
    unit: unit.slice(0, 1_000),
    time: time.getTime(),
    is_complete: isComplete,
    rows,
    missed,
    champion_mae: finite(lanes.championMae),
    challenger_mae: finite(lanes.challengerMae),
    won,
    lost,
    tied,
    difference: difference ?? null,
    verdict,
    verdict_text: verdictText(lanes).slice(0, 1_000),
    difference_text: differenceText(lanes).slice(0, 2_000),
    history: spaced(lanes.history),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Points at about even distances in rows, the last one among them: the history has one for each 3 % of growth. */
function spaced(history: ComparedLanes["history"]): ComparisonNotice["history"] {
  const last = history.at(-1)?.rows ?? 0;
  const points: { rows: number; mean: number; lower: number; upper: number }[] = [];
  for (const { rows, mean, lower, upper } of history) {
    if (rows >= ((points.length + 1) * last) / POINTS || points.length === 0) points.push({ rows, mean, lower, upper });
  }
  return points.slice(-100);
}
