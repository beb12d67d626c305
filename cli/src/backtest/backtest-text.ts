import { driftedRun, printable, type Alert, type DriftedRun, type DriftOverTime, type SegmentsJson } from "@streamgauge/core";
import type { WindowSummary } from "@streamgauge/core/windows";
import type { Backtested } from "./backtest.js";

/** Alarms, features, segments and alerts that are listed. */
const LISTED = 10;
const HOUR_MS = 3_600_000;

/** What a backtest found, for people. */
export function backtestText({ model, summary, alarms, firstRows, drift, segments, fired }: Backtested, unit: string): string {
  const lines = [`Model ${model}`, ...(summary === undefined ? ["no rows"] : figureLines(summary, unit))];
  const changes = alarms.filter(({ again }) => !again);
  lines.push(`alarms      ${changes.length === 0 ? "none" : ""}`.trimEnd());
  for (const { kind, row, time, meanBefore, meanSince } of changes.slice(0, LISTED))
    lines.push(`  row ${row}, ${new Date(time).toISOString()}: error is ${kind}, ${figure(meanBefore)} before, ${figure(meanSince)} since`);
  if (changes.length > LISTED) lines.push(`  and ${changes.length - LISTED} more, in the report`);
  if (firstRows > 0) lines.push(`reference   the first ${firstRows} rows: the model has none of its own`);
  if (drift !== null) lines.push(...driftLines(drift));
  if (segments !== null) lines.push(...segmentLines(segments));
  return `${[...lines, ...alertLines(fired)].join("\n")}\n`;
}

/** Features that drifted in any of the times, or in all together; those that did so most often first. */
function driftLines({ features, times }: DriftOverTime): string[] {
  const found = features
    .map(({ name, psi, drifted }, i) => ({
      name,
      psi,
      drifted,
      count: times.filter((time) => time.drifted[i]).length,
      run: driftedRun(times, (time) => time.drifted[i] ?? false),
    }))
    .filter(({ drifted, count }) => drifted || count > 0)
    .toSorted((one, other) => other.count - one.count);
  const of = `of ${times.length} ${timesName(times)}`;
  const listed = found
    .slice(0, LISTED)
    .map(({ name, psi, count, run }) => `  ${printable(name)}: ${count} ${of}${runText(run, count)}; PSI ${figure(psi)} of all`);
  const more = found.length > LISTED ? [`  and ${found.length - LISTED} more, in the report`] : [];
  return [`drift       ${found.length === 0 ? "none" : ""}`.trimEnd(), ...listed, ...more];
}

/** @param count - of all times that drifted. */
function runText(run: DriftedRun<DriftOverTime["times"][number]> | undefined, count: number): string {
  if (run === undefined) return "";
  const { first, last, length, isLasting } = run;
  if (isLasting) return `, since ${minuteText(first.start)}`;
  return `, ${length < count ? "longest " : ""}from ${minuteText(first.start)} to ${minuteText(last.end)}`;
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
  const { start, end, predicted, labelled, mae, rmse, bias, p95 } = summary;
  const of = unit === "" ? "" : ` ${unit}`;
  const errors = `MAE ${figure(mae)}${of}, RMSE ${figure(rmse)}, bias ${figure(bias)}, p95 ${figure(p95)}`;
  return [
    `time        ${start.slice(0, 10)} to ${end.slice(0, 10)} (whole days, UTC)`,
    `rows        ${predicted} predicted, ${labelled} with a label`,
    `errors      ${errors}`,
    `intervals   ${intervalText(summary)}`,
  ];
}

function intervalText({ interval_rows: rows, interval_coverage: coverage, interval_target: target, ...rest }: WindowSummary): string {
  if (rows === 0 || coverage === null || target === null) return "none: a model version has one after 100 labels";
  const held = `${(100 * coverage).toFixed(2)} % of ${rows} labels inside`;
  return `${held} (target ${Number((100 * target).toPrecision(4))} %), mean width ${figure(rest.interval_width)}, Winkler score ${figure(rest.interval_score)}`;
}

function alertLines(fired: readonly Alert[]): string[] {
  if (fired.length === 0) return [];
  const listed = fired.slice(0, LISTED).map(({ rule, fired_at: at, summary }) => `  ${rule}, ${at}: ${summary}`);
  const more = fired.length > LISTED ? [`  and ${fired.length - LISTED} more`] : [];
  return [`broken bounds: ${fired.length}`, ...listed, ...more];
}

function figure(value: number | null): string {
  return value === null || !Number.isFinite(value) ? "–" : String(Number(value.toPrecision(6)));
}
