import { driftSpell, OVERFLOW, printable, type Alert, type DriftOverTime, type SegmentsJson } from "@streamgauge/core";
import type { WindowSummary } from "@streamgauge/core/windows";
import type { Backtested } from "./backtest.js";
import type { ReadHistory } from "./history.js";

/** Alarms, features, segments and alerts that are listed. */
const LISTED = 10;
const HOUR_MS = 3_600_000;

/** What a backtest found, for people. */
export function backtestText({ model, summary, alarms, firstRows, notCompared, drift, segments, fired }: Backtested, unit: string): string {
  const lines = [`Model ${model}`, ...(summary === undefined ? ["no rows"] : figureLines(summary, unit))];
  const changes = alarms.filter(({ again }) => !again);
  lines.push(`alarms      ${changes.length === 0 ? "none" : ""}`.trimEnd());
  for (const { kind, row, time, meanBefore, meanSince } of changes.slice(0, LISTED))
    lines.push(`  row ${row}, ${new Date(time).toISOString()}: error is ${kind}, ${figure(meanBefore)} before, ${figure(meanSince)} since`);
  if (changes.length > LISTED) lines.push(`  and ${changes.length - LISTED} more, in the report`);
  if (firstRows > 0 || notCompared !== undefined) lines.push(`reference   ${referenceText(firstRows, notCompared)}`);
  if (drift !== null) lines.push(...driftLines(drift));
  if (segments !== null) lines.push(...segmentLines(segments));
  return `${[...lines, ...alertLines(fired)].join("\n")}\n`;
}

function referenceText(firstRows: number, notCompared: string | undefined): string {
  const which = firstRows > 0 ? `the first ${firstRows} rows` : "none";
  return `${which}: the model has none of its own${notCompared === undefined ? "" : `, and ${notCompared}: no drift, no segments`}`;
}

/** Rows that were left out, and why the first of them were. */
export function refusedText({ refused, reasons, history }: ReadHistory): string {
  if (refused === 0) return "";
  const more = refused > reasons.length ? [`  and ${refused - reasons.length} more`] : [];
  const title = `${history.model} left out ${refused} ${refused === 1 ? "row" : "rows"}:`;
  return `${[title, ...reasons.map((reason) => `  ${reason}`), ...more].join("\n")}\n`;
}

/** Features that drifted in any of the times, or in all together; those that did so most often first. */
function driftLines({ features, times }: DriftOverTime): string[] {
  const found = features
    .map(({ name, psi, drifted }, i) => ({
      name,
      psi,
      drifted,
      flags: times.map((time) => time.drifted[i] ?? false),
    }))
    .map(({ flags, ...feature }) => ({ ...feature, count: flags.filter(Boolean).length, when: spellText(times, flags) }))
    .filter(({ drifted, count }) => drifted || count > 0)
    .toSorted((one, other) => other.count - one.count);
  const of = `of ${times.length} ${timesName(times)}`;
  const listed = found
    .slice(0, LISTED)
    .map(({ name, psi, count, when }) => `  ${printable(name)}: ${count} ${of}${when}; PSI ${figure(psi)} of all`);
  const more = found.length > LISTED ? [`  and ${found.length - LISTED} more, in the report`] : [];
  return [`drift       ${found.length === 0 ? "none" : ""}`.trimEnd(), ...listed, ...more];
}

/** Since when a feature has drifted, or when it last did so for long. @param flags - whether it drifted, for each time. */
function spellText(times: DriftOverTime["times"], flags: readonly boolean[]): string {
  const spell = driftSpell(flags);
  if (spell === undefined) return "";
  const { first, last, isLasting, drifted } = spell;
  const from = minuteText(times[first]?.start ?? "");
  if (isLasting) return `, since ${from}`;
  const isLongest = drifted < flags.filter(Boolean).length;
  return `, ${isLongest ? "longest " : ""}from ${from} to ${minuteText(times[last]?.end ?? "")}`;
}

/** A time in UTC, to the minute. @param iso - ISO 8601. */
function minuteText(iso: string): string {
  return iso.slice(0, 16).replace("T", " ");
}

function timesName([first]: DriftOverTime["times"]): string {
  const hours = first === undefined ? 1 : (Date.parse(first.end) - Date.parse(first.start)) / HOUR_MS;
  return hours === 1 ? "hours" : `stretches of ${hours} hours`;
}

function segmentLines(found: SegmentsJson): string[] {
  const standing = found.segments.filter(({ stands_out: standsOut }) => standsOut);
  const listed = standing
    .slice(0, LISTED)
    .map(
      ({ text, rows, mae, compared_mae: compared }) =>
        `  ${printable(text)}: MAE ${figure(mae)} of ${rows} rows, ${figure(compared)} of the others`,
    );
  const more = standing.length > LISTED ? [`  and ${standing.length - LISTED} more, in the report`] : [];
  return [`segments    ${standing.length === 0 ? "none stands out" : ""}`.trimEnd(), ...listed, ...more];
}

function figureLines(summary: WindowSummary, unit: string): string[] {
  const { start, end, predicted, labelled } = summary;
  const of = unit === "" ? "" : ` ${unit}`;
  const shown = (name: ShownFigure) => figureOf(summary, name);
  const errors = `MAE ${shown("mae")}${of}, RMSE ${shown("rmse")}, bias ${shown("bias")}, p95 ${shown("p95")}`;
  return [
    `time        ${start.slice(0, 10)} to ${end.slice(0, 10)} (whole days, UTC)`,
    `rows        ${predicted} predicted, ${labelled} with a label`,
    `errors      ${errors}`,
    `intervals   ${intervalText(summary)}`,
  ];
}

function intervalText(summary: WindowSummary): string {
  const { interval_rows: rows, interval_coverage: coverage, interval_target: target } = summary;
  if (rows === 0 || coverage === null || target === null) return "none: a model version has one after 100 labels";
  const held = `${(100 * coverage).toFixed(2)} % of ${rows} labels inside`;
  return `${held} (target ${Number((100 * target).toPrecision(4))} %), mean width ${figureOf(summary, "interval_width")}, Winkler score ${figureOf(summary, "interval_score")}`;
}

function alertLines(fired: readonly Alert[]): string[] {
  if (fired.length === 0) return [];
  const listed = fired.slice(0, LISTED).map(({ rule, fired_at: at, summary }) => `  ${rule}, ${at}: ${summary}`);
  const more = fired.length > LISTED ? [`  and ${fired.length - LISTED} more`] : [];
  return [`broken bounds: ${fired.length}`, ...listed, ...more];
}

type ShownFigure = "mae" | "rmse" | "bias" | "p95" | "interval_width" | "interval_score";

/** A figure of the summary: without any rows it is a dash, and beyond the largest double it says so. */
function figureOf(summary: WindowSummary, name: ShownFigure): string {
  const { [name]: value, overflowed = [] } = summary;
  return value === null && !overflowed.includes(name) ? "–" : figure(value);
}

/** Means and distances of rows that there are: null or Infinity if they are beyond the largest double. */
function figure(value: number | null): string {
  return value === null || !Number.isFinite(value) ? OVERFLOW : String(Number(value.toPrecision(6)));
}
