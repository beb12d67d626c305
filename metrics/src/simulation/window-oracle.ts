import { LOG_HEADER, readLogLines, withLog, type LanePaths } from "@streamgauge/core/metric-log";
import { ErrorWindow, type SavedWindow } from "@streamgauge/core/windows";
import type { JoinState } from "../join/join-state.js";
import { committedLane, windowProblems } from "../monitoring/recount-windows.js";
import { finalLabel } from "./correction-oracle.js";
import type { PlannedRow } from "./traffic.js";

/** Length and kept time of the windows, in ms. */
const SIZES = [
  { size: "1m", ms: 60_000, keptMs: 86_400_000 },
  { size: "1h", ms: 3_600_000, keptMs: 90 * 86_400_000 },
  { size: "1d", ms: 86_400_000, keptMs: Infinity },
] as const;

/** The counts of a window that follow from the plan. */
interface PlannedWindow {
  readonly key: string;
  predicted: number;
  labelled: number;
  expired: number;
  corrected: number;
  absolute: number;
  /** Labelled rows with an interval, those whose label is in it, and the sum of the half widths. */
  announced: number;
  covered: number;
  halfWidths: number;
  /** Rows that are labelled. */
  readonly rows: PlannedRow[];
}

/** Compares the windows with what was planned, and with a count from the log and its records. @throws Error on a difference. */
export function assertWindows(rows: readonly PlannedRow[], paths: LanePaths, { store }: JoinState): void {
  const lane = committedLane(store);
  if (lane === undefined) throw new Error("There are no windows.");
  const planned = plannedWindows(rows, linesOf(paths.log));
  const shown = lane.windows.map(planOf);
  if (shown.join("\n") !== planned.join("\n")) throw new Error(`windows:\n${shown.join("\n")}\n    expected\n${planned.join("\n")}`);
  const problems = windowProblems(lane, paths);
  if (lane.firstLine !== 0 || problems.length > 0) throw new Error(`windows: ${problems.join("\n")}`);
}

/** The number of the line of each id, from 0. */
function linesOf(log: string): ReadonlyMap<string, number> {
  const ids = withLog(log, (readable) => Array.from(readLogLines(readable, LOG_HEADER.length), (lines) => lines.ids.toArray()).flat());
  return new Map(ids.map((id, line) => [id, line]));
}

/** The windows that must be kept in the end, in order. @param lines - of each id in the log. */
function plannedWindows(rows: readonly PlannedRow[], lines: ReadonlyMap<string, number>): string[] {
  const predicted = rows.filter(({ fate }) => fate !== "y_true");
  const latest = Math.max(-Infinity, ...predicted.map(({ eventTime }) => eventTime));
  return SIZES.flatMap(({ size, ms, keptMs }) => {
    const windows = new Map<number, PlannedWindow>();
    for (const row of predicted) {
      const { y_pred, fate, eventTime } = row;
      const start = eventTime - (eventTime % ms);
      if (start < latest - (latest % ms) - keptMs) continue;
      const window = windows.get(start) ?? {
        key: `${size} ${start}`,
        predicted: 0,
        labelled: 0,
        expired: 0,
        corrected: 0,
        absolute: 0,
        announced: 0,
        covered: 0,
        halfWidths: 0,
        rows: [],
      };
      windows.set(start, window);
      window.predicted += 1;
      if (fate !== "both") window.expired += 1;
      else {
        window.labelled += 1;
        window.rows.push(row);
        window.corrected += Number(finalLabel(row) !== row.y_true);
        const error = Math.abs(finalLabel(row) - y_pred);
        window.absolute += error;
        window.announced += Number(row.halfWidth >= 0);
        window.covered += Number(error <= row.halfWidth);
        window.halfWidths += row.halfWidth >= 0 ? row.halfWidth : 0;
      }
    }
    return [...windows].toSorted(([a], [b]) => a - b).map(([, window]) => textOf({ ...window, worst: plannedWorst(window.rows, lines) }));
  });
}

/** The ten rows with the largest error that any of their labels gave, also one that came too late to be in force; of equal ones those logged first. */
function plannedWorst(rows: readonly PlannedRow[], lines: ReadonlyMap<string, number>): string[] {
  return rows
    .map((row) => {
      const labels = [row.y_true, ...row.corrections.map(({ value }) => value)];
      const peak = Math.max(...labels.map((label) => Math.abs(row.y_pred - label)));
      return { id: row.id, line: lines.get(row.id) ?? -1, peak, yTrue: finalLabel(row), first: row.y_true, yPred: row.y_pred };
    })
    .toSorted((one, other) => other.peak - one.peak || one.line - other.line)
    .slice(0, 10)
    .map(rowText);
}

function rowText({ id, line, peak, first, yTrue, yPred }: Omit<SavedWindow["worst"][number], "eventTime" | "model">): string {
  return JSON.stringify([id, line, peak, first + 0, yTrue, yPred + 0]);
}

function planOf(window: SavedWindow): string {
  const { size, start, predicted, labelled, expired, corrected } = window;
  const worst = window.worst.map(rowText);
  const { rows, coverage, width } = ErrorWindow.of(window).intervals();
  return textOf({
    key: `${size} ${start}`,
    predicted,
    labelled,
    expired,
    corrected,
    worst,
    absolute: ErrorWindow.of(window).errors().absolute,
    announced: rows,
    covered: rows === 0 ? 0 : Math.round(coverage * rows),
    halfWidths: rows === 0 ? 0 : (width * rows) / 2,
  });
}

/** Sums are rounded here as the oracle adds them up. */
function textOf({
  key,
  predicted,
  labelled,
  expired,
  corrected,
  absolute,
  announced,
  covered,
  halfWidths,
  worst,
}: Omit<PlannedWindow, "rows"> & { worst: string[] }): string {
  return `${key}: predicted ${predicted}, labelled ${labelled}, expired ${expired}, corrected ${corrected}, sum ${absolute.toPrecision(9)}, intervals ${announced}, ${covered}, ${halfWidths.toPrecision(9)}, worst ${worst.join(" ")}`;
}
