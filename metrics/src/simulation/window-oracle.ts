import { withReadable, type LanePaths } from "@streamgauge/core/metric-log";
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
}

/** Compares the windows with what was planned, and with a count from the log and its records. @throws Error on a difference. */
export function assertWindows(rows: readonly PlannedRow[], paths: LanePaths, { store }: JoinState): void {
  const lane = committedLane(store);
  if (lane === undefined) throw new Error("There are no windows.");
  const planned = plannedWindows(rows);
  const shown = lane.windows.map(planOf);
  if (shown.join("\n") !== planned.join("\n")) throw new Error(`windows:\n${shown.join("\n")}\n    expected\n${planned.join("\n")}`);
  const problems = withReadable(paths.log, (log) => withReadable(paths.lines, (records) => windowProblems(lane, log, records)));
  if (lane.firstLine !== 0 || problems.length > 0) throw new Error(`windows: ${problems.join("\n")}`);
}

/** The windows that must be kept in the end, in order. */
function plannedWindows(rows: readonly PlannedRow[]): string[] {
  const predicted = rows.filter(({ fate }) => fate !== "y_true");
  const latest = Math.max(-Infinity, ...predicted.map(({ eventTime }) => eventTime));
  return SIZES.flatMap(({ size, ms, keptMs }) => {
    const windows = new Map<number, PlannedWindow>();
    for (const row of predicted) {
      const { y_pred, fate, eventTime } = row;
      const start = eventTime - (eventTime % ms);
      if (start < latest - (latest % ms) - keptMs) continue;
      const window = windows.get(start) ?? { key: `${size} ${start}`, predicted: 0, labelled: 0, expired: 0, corrected: 0, absolute: 0 };
      windows.set(start, window);
      window.predicted += 1;
      if (fate !== "both") window.expired += 1;
      else {
        window.labelled += 1;
        window.corrected += Number(finalLabel(row) !== row.y_true);
        window.absolute += Math.abs(finalLabel(row) - y_pred);
      }
    }
    return [...windows].toSorted(([a], [b]) => a - b).map(([, window]) => textOf(window));
  });
}

function planOf(window: SavedWindow): string {
  const { size, start, predicted, labelled, expired, corrected } = window;
  return textOf({ key: `${size} ${start}`, predicted, labelled, expired, corrected, absolute: ErrorWindow.of(window).errors().absolute });
}

/** Sums are rounded here as the oracle adds them up. */
function textOf({ key, predicted, labelled, expired, corrected, absolute }: PlannedWindow): string {
  return `${key}: predicted ${predicted}, labelled ${labelled}, expired ${expired}, corrected ${corrected}, sum ${absolute.toPrecision(9)}`;
}
