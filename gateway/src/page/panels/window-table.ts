import type { WindowJson } from "@streamgauge/core/windows";
import { count, counted, duration, figure, moment, percent } from "./format.js";

/** The most windows in the table: a browser takes long to lay out thousands of rows, and `/windows` has all. */
export const MOST_ROWS = 200;

export const WINDOW_COLUMNS = [
  "Start (UTC)",
  "State",
  "Predicted",
  "Labelled",
  "Coverage",
  "MAE",
  "Estimated MAE",
  "RMSE",
  "Bias",
  "p95",
  "Label lag",
];

/** Texts of the latest windows for a table, the latest first. */
export function windowRows(windows: readonly WindowJson[]): string[][] {
  return windows
    .slice(-MOST_ROWS)
    .toReversed()
    .map((window) => [
      moment(window.start),
      window.state,
      count(window.predicted),
      count(window.labelled),
      percent(window.coverage),
      figure(window.mae),
      estimateText(window),
      figure(window.rmse),
      figure(window.bias),
      figure(window.p95),
      duration(window.lag_p50_s),
    ]);
}

function estimateText({ estimated_mae: value, estimated_low: low, estimated_high: high }: WindowJson): string {
  return value === null ? figure(value) : `${figure(value)} (${figure(low)} to ${figure(high)})`;
}

/** What a chart shows, for those who do not see it. */
export function chartText(title: string, values: readonly (number | null)[], textOf: (value: number | null) => string): string {
  const known = values.filter((value) => value !== null);
  const latest = known.at(-1);
  if (latest === undefined) return `${title}: no values.`;
  const [least, greatest] = [Math.min(...known), Math.max(...known)];
  return `${title} of ${counted(known.length, "window")}: the latest ${textOf(latest)}, from ${textOf(least)} to ${textOf(greatest)}. The arrow keys read one after another.`;
}
