import type { WindowJson } from "@streamgauge/core/windows";
import { count, counted, duration, figure, figureOf, moment, OVERFLOW, percent } from "../format.js";

/** The most windows in the table of the live page: a browser takes long to lay out thousands of rows, and `/windows` has all. */
export const MOST_ROWS = 200;

/** A column of the table of windows. */
export interface WindowColumn {
  readonly title: string;
  readonly textOf: (window: WindowJson) => string;
}

/** The columns of the live page; `/windows` has all figures. */
export const LIVE_COLUMNS: readonly WindowColumn[] = [
  { title: "Start (UTC)", textOf: ({ start }) => moment(start) },
  { title: "State", textOf: ({ state }) => state },
  { title: "Predicted", textOf: ({ predicted }) => count(predicted) },
  { title: "Labelled", textOf: ({ labelled }) => count(labelled) },
  { title: "Corrected", textOf: ({ corrected }) => count(corrected) },
  { title: "Coverage", textOf: ({ coverage }) => percent(coverage) },
  { title: "MAE", textOf: (window) => figureOf(window, "mae") },
  { title: "Estimated MAE", textOf: estimateText },
  { title: "RMSE", textOf: (window) => figureOf(window, "rmse") },
  { title: "Bias", textOf: (window) => figureOf(window, "bias") },
  { title: "p95", textOf: (window) => figureOf(window, "p95") },
  { title: "Label lag", textOf: ({ lag_p50_s }) => duration(lag_p50_s) },
];

/** Texts of the latest windows for a table, the latest first. @param most - how many. */
export function windowRows(windows: readonly WindowJson[], columns: readonly WindowColumn[], most = MOST_ROWS): string[][] {
  return windows
    .slice(-most)
    .toReversed()
    .map((window) => columns.map(({ textOf }) => textOf(window)));
}

/** An estimate and its interval. */
export function estimateText(window: Pick<WindowJson, "estimated_mae" | "estimated_low" | "estimated_high" | "overflowed">): string {
  const { estimated_low: low, estimated_high: high } = window;
  const value = figureOf(window, "estimated_mae");
  if (window.estimated_mae === null) return value;
  return low === null || high === null ? `${value} (interval: ${OVERFLOW})` : `${value} (${figure(low)} to ${figure(high)})`;
}

/** What a chart shows, for those who do not see it. */
export function chartText(title: string, values: readonly (number | null)[], textOf: (value: number | null) => string): string {
  const known = values.filter((value) => value !== null);
  const latest = known.at(-1);
  if (latest === undefined) return `${title}: no values.`;
  const [least, greatest] = [Math.min(...known), Math.max(...known)];
  return `${title} of ${counted(known.length, "window")}: the latest ${textOf(latest)}, from ${textOf(least)} to ${textOf(greatest)}. The arrow keys read one after another.`;
}
