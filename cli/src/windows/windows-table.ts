import { csvRecord, METRICS, OVERFLOW } from "@streamgauge/core";
import type { MetricName, WindowJson } from "@streamgauge/core/windows";

/** A column of the table: its title, and its text of a window. */
type Column = readonly [title: string, text: (window: WindowJson) => string];

const COLUMNS: readonly Column[] = [
  ["start (UTC)", ({ start }) => start.slice(0, 16).replace("T", " ")],
  ["state", ({ state }) => state],
  ["predicted", ({ predicted }) => String(predicted)],
  ["labelled", ({ labelled }) => String(labelled)],
  ["corrected", ({ corrected }) => String(corrected)],
  ["coverage", ({ coverage }) => percentText(coverage)],
  ["MAE", (window) => figureOf(window, "mae")],
  ["estimated MAE", (window) => estimateText(window)],
  ["RMSE", (window) => figureOf(window, "rmse")],
  ["bias", (window) => figureOf(window, "bias")],
  ["p95", (window) => figureOf(window, "p95")],
  ["label lag", ({ lag_p50_s: lag }) => (lag === null ? "–" : durationText(lag))],
];

/** Only if predictions came with intervals. */
const IN_INTERVAL: Column = ["in interval", ({ interval_coverage: share }) => percentText(share)];

/** Windows as a table for people, with a line for each. */
export function windowsTable(windows: readonly WindowJson[]): string {
  const columns = windows.some(({ interval_rows: rows }) => rows > 0) ? [...COLUMNS, IN_INTERVAL] : COLUMNS;
  const rows = [columns.map(([title]) => title), ...windows.map((window) => columns.map(([, text]) => text(window)))];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lineOf = (row: readonly string[]) =>
    row.map((text, i) => (i < 2 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join("  ");
  return `${rows.map((row) => lineOf(row).trimEnd()).join("\n")}\n`;
}

/** What a window has besides lists: the columns of its CSV. */
const CSV_COLUMNS: readonly (keyof WindowJson)[] = [
  "start",
  "end",
  "state",
  "revision",
  "predicted",
  "labelled",
  "corrected",
  "coverage",
  ...METRICS.map(({ name }) => name),
  "estimated_mae",
  "estimated_low",
  "estimated_high",
  "estimated_from_reference",
  "lag_p50_s",
  "lag_p95_s",
  "overflowed",
  // At the end: programs that take columns by their number still find theirs.
  "interval_rows",
  "interval_target",
  "interval_coverage",
  "interval_width",
  "interval_score",
];

/** Windows as CSV with a header; a figure that is not defined is empty. */
export function windowsCsv(windows: readonly WindowJson[]): string {
  const records = windows.map((window) =>
    csvRecord(CSV_COLUMNS.map((name) => (name === "overflowed" ? (window[name] ?? []).join(" ") : cellOf(window[name])))),
  );
  return csvRecord(CSV_COLUMNS) + records.join("");
}

function cellOf(value: WindowJson[keyof WindowJson]): string | number {
  return typeof value === "number" || typeof value === "string" ? value : "";
}

function percentText(share: number | null): string {
  return share === null ? "–" : `${(100 * share).toFixed(1)} %`;
}

function figure(value: number | null): string {
  return value === null ? "–" : String(Number(value.toPrecision(5)));
}

/** A figure; one that is null because it is beyond the largest double says so. */
function figureOf(window: WindowJson, name: MetricName | "estimated_mae"): string {
  return window[name] === null && window.overflowed?.includes(name) === true ? OVERFLOW : figure(window[name]);
}

function estimateText(window: WindowJson): string {
  const { estimated_mae: value, estimated_low: low, estimated_high: high } = window;
  if (value === null) return figureOf(window, "estimated_mae");
  return low === null || high === null
    ? `${figure(value)} (interval: ${OVERFLOW})`
    : `${figure(value)} (${figure(low)} to ${figure(high)})`;
}

/** Seconds in the unit that suits them. */
export function durationText(seconds: number): string {
  const units = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ] as const;
  const [length, unit] = units.find(([least]) => seconds >= 2 * least) ?? [0.001, "ms"];
  return `${Number((seconds / length).toPrecision(2))} ${unit}`;
}
