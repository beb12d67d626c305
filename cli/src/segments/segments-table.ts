import { OVERFLOW, printable, type SegmentJson, type SegmentRowsJson, type SegmentsJson } from "@streamgauge/core";
import { emptyHoursText } from "../windows/empty-range.js";

const HEADS = ["", "rows", "MAE", "compared", "bias", "excess", "share", "evidence"];

/** Segments as a table for people, the sentences above and below it included. */
export function segmentsTable(found: SegmentsJson): string {
  const table = tableText([HEADS, ...found.segments.map(cellsOf)]);
  return `${found.segments.length === 0 ? "" : `${table}\n\n`}${aboutText(found)} ${verdictText(found)}${nextText(found)}\n`;
}

/** Hours of a lane that were asked for; ms since 1970. */
interface AskedHours {
  readonly lane: string;
  /** A version; undefined: any. */
  readonly model?: string | undefined;
  readonly from: number;
  readonly to: number;
}

/** Why there is nothing to show. @param starts - where hours with bins begin that are kept, ascending. */
export function noRowsText(starts: readonly number[], { lane, model, from, to }: AskedHours): string {
  if (starts.length === 0)
    return "There are no rows with bins of their features. They need a model with a reference: streamgauge reference MODEL DATA.csv writes one.\n";
  if (!starts.some((start) => start >= from && start < to)) return `${emptyHoursText(lane, model, starts)}\n`;
  return "No row of these hours has a label yet, or metrics does not know the reference of their model yet.\n";
}

/** Rows of a segment as a table for people, with a sentence below. */
export function segmentRowsTable(found: SegmentRowsJson): string {
  if (found.rows.length === 0) return `There are no rows of ${printable(found.segment)} in these hours.${olderText(found)}\n`;
  const heads = ["id", "event time (UTC)", "y_true", "y_pred", "|error|", "row", ""];
  const which = found.order === "worst" ? "with the largest errors" : "that happened last";
  return `${tableText([heads, ...found.rows.map(rowCells)])}\n\nThe ${found.rows.length} of ${counted(found.count, "row")} of ${printable(found.segment)} ${which}; ${printable(found.model)}.${olderText(found)}\n`;
}

function rowCells({
  id,
  event_time,
  y_true,
  first_y_true: first,
  y_pred,
  absolute_error,
  row,
  log,
}: SegmentRowsJson["rows"][number]): string[] {
  const notes = [...(log === "metric_log.csv" ? [] : [log]), ...(first === y_true ? [] : [`corrected, was ${first}`])];
  const time = event_time.slice(0, 19).replace("T", " ");
  return [printable(id), time, String(y_true), figure(y_pred), figure(absolute_error), String(row), notes.join("; ")];
}

function olderText({ is_whole: isWhole, looked_at: lookedAt }: SegmentRowsJson): string {
  return isWhole ? "" : ` Only the latest ${lookedAt.toLocaleString("en")} rows of the log were looked at.`;
}

function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return lines.join("\n");
}

function cellsOf({
  text,
  rows,
  sampled,
  mae,
  compared_mae,
  bias,
  excess,
  share,
  e_value: evidence,
  stands_out: standsOut,
}: SegmentJson): string[] {
  return [
    `${standsOut ? "*" : " "} ${printable(text)}`,
    `${rows}${sampled ? " of a sample" : ""}`,
    figure(mae),
    figure(compared_mae),
    figure(bias),
    figure(excess),
    share === null ? "–" : `${(100 * share).toFixed(1)} %`,
    evidence < 1 ? "none" : `${oddsText(evidence)} to 1`,
  ];
}

function aboutText({ model, hours, rows, mae, tested, earlier }: SegmentsJson): string {
  const compared =
    earlier === null
      ? "compared with all other rows"
      : `compared with their own error in ${counted(earlier.hours, "hour")} before, MAE ${figure(earlier.mae)}`;
  return `${counted(tested, "segment")} of ${counted(rows, "labelled row")} of ${printable(model)} in ${counted(hours, "hour")}, MAE ${figure(mae)}, ${compared}.`;
}

/** What stands out, in a sentence. */
export function verdictText({ segments, standing_out: standing, tested }: SegmentsJson): string {
  if (tested === 0) return "There are too few labelled rows yet.";
  if (standing === 0) return "No segment stands out.";
  const named = segments.slice(0, Math.min(3, standing)).map(({ text }) => printable(text));
  return `Standing out (*): ${named.join("; ")}${standing > 3 ? `; and ${standing - 3} more` : ""}.`;
}

/** Those that do not stand out are listed if they are of one feature: only these can be compared with it. */
function nextText({ tested, standing_out: standing, next_e_value: next }: SegmentsJson): string {
  if (tested === 0) return "";
  return ` ${standing === 0 ? "One" : "Another"} of one feature would with evidence of ${Math.ceil(next).toLocaleString("en")} to 1.`;
}

function oddsText(odds: number): string {
  return odds < 1e6 ? Number(odds.toPrecision(2)).toLocaleString("en") : odds.toPrecision(2);
}

function counted(value: number, one: string): string {
  return `${value.toLocaleString("en")} ${one}${value === 1 ? "" : "s"}`;
}

function figure(value: number | null): string {
  return value === null ? OVERFLOW : String(Number(value.toPrecision(5)));
}
