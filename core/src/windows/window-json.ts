import Type, { type Static } from "typebox";
import { bias } from "../statistics/metrics/bias.js";
import { mae } from "../statistics/metrics/mae.js";
import { forEachMetric, metricValues } from "../statistics/metrics/metric-table.js";
import { r2 } from "../statistics/metrics/r2.js";
import { rmse } from "../statistics/metrics/rmse.js";
import type { Moments } from "../statistics/moments.js";
import { isOverflow, overflowed } from "../statistics/overflowed.js";
import { OverflowedSchema } from "../statistics/statistics-json.js";
import { ErrorWindow } from "./error-window.js";
import { estimatedMae, type EstimatedMae } from "./estimated-mae.js";
import type { IntervalFigures } from "./interval-sums.js";
import { withoutPairs, type SavedWindow } from "./saved-window.js";
import { alarmsWithin, WindowAlarmSchema, type WindowAlarm } from "./window-alarm.js";
import { boundText, lengthOf } from "./window-size.js";

/** With fewer labels than this share of the predictions a window is provisional. */
const MATURE_COVERAGE = 0.95;

const figure = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });
const count = (description: string) => Type.Integer({ minimum: 0, description });

/** How good the intervals were, as figures of a window. */
const intervalProperties = {
  interval_rows: count("Labelled rows whose prediction had an interval."),
  interval_target: figure("The share of them whose interval was to hold the label (INTERVAL_COVERAGE)."),
  interval_coverage: figure("The share of them whose interval held the label, by the width that was announced with the prediction."),
  interval_width: figure("Mean width of the intervals, from end to end."),
  interval_score: figure("Mean Winkler score: the width, and 2 / (1 − target) times what the label is outside by; less is better."),
} as const;

/** A window with its figures, as people and programs read it; a figure that is not defined is null. */
export const WindowJsonSchema = Type.Object(
  {
    start: Type.String({ format: "date-time", description: "Its first moment, in UTC." }),
    end: Type.String({ format: "date-time", description: "The first moment after it." }),
    state: Type.Union([Type.Literal("provisional"), Type.Literal("mature"), Type.Literal("final")], {
      description:
        "provisional: open, or coverage below 0.95. mature: over, and coverage 0.95 or more. final: over, and no label can come any more.",
    }),
    revision: count("Grows with each change."),
    predicted: count("Predictions, each id once."),
    labelled: count("Predictions with a label."),
    corrected: count("Of these, rows whose label was corrected."),
    coverage: figure("labelled / predicted."),
    ...forEachMetric(({ description }) => figure(description)),
    estimated_mae: figure("Estimate of the MAE of all predictions of the window, with and without a label."),
    estimated_low: figure("Lower bound of its 95 % interval."),
    estimated_high: figure("Upper bound of its 95 % interval."),
    estimated_from_reference: figure(
      "Share of the predictions for which that estimate takes the mean of the reference: their tenth has no label yet.",
    ),
    lag_p50_s: figure("Median time from the event to its label, in s."),
    lag_p95_s: figure("95 % quantile of that time, in s."),
    overflowed: OverflowedSchema,
    ...intervalProperties,
    alarms: Type.Array(WindowAlarmSchema, { description: "Alarms that rows of the window raised." }),
    models: Type.Array(
      Type.Object({
        model: Type.String(),
        labelled: count("Pairs."),
        mae: figure(mae.description),
        rmse: figure(rmse.description),
        r2: figure(r2.description),
        bias: figure(bias.description),
        overflowed: OverflowedSchema,
      }),
      { description: "The labelled rows by model version." },
    ),
  },
  { description: "A window of event time." },
);

export type WindowJson = Static<typeof WindowJsonSchema>;

/** What decides the state of a window. */
export interface WindowAge {
  /** The first moment after the window, and when no label can come any more; ms since 1970. */
  readonly end: number;
  readonly finalAt: number;
  readonly coverage: number | null;
}

/** The state of a window. @param now - ms since 1970. */
export function stateOf({ end, finalAt, coverage }: WindowAge, now: number): WindowJson["state"] {
  if (now >= Math.max(end, finalAt)) return "final";
  return now >= end && (coverage ?? 0) >= MATURE_COVERAGE ? "mature" : "provisional";
}

/**
 * A window with its figures.
 *
 * @param alarms - of its lane. @param now - ms since 1970; it decides the state. @param length - in ms; default: of its size.
 */
export function windowJson(
  saved: SavedWindow,
  alarms: readonly WindowAlarm[],
  now: number,
  length: number = lengthOf(saved.size),
): WindowJson {
  const figures = windowFigures(saved, alarms, length);
  const { start, end, coverage } = figures;
  return Object.assign({ start, end, state: stateOf({ end: Date.parse(end), finalAt: saved.finalAt, coverage }, now) }, figures);
}

/** The figures of a window, which do not depend on the time of day. @param alarms - of its lane. @param length - as of `windowJson`. */
export function windowFigures(
  saved: SavedWindow,
  alarms: readonly WindowAlarm[],
  length: number = lengthOf(saved.size),
): Omit<WindowJson, "state"> {
  const window = ErrorWindow.of(withoutPairs(saved));
  const end = saved.start + length;
  const values = metricValues(window.errors());
  const estimate = estimatedMae(window);
  return {
    start: boundText(saved.start),
    end: boundText(end),
    revision: saved.revision,
    predicted: saved.predicted,
    labelled: saved.labelled,
    corrected: saved.corrected,
    coverage: coverageOf(saved),
    ...forEachMetric(({ name }) => finite(values[name])),
    estimated_mae: finite(estimate?.value),
    estimated_low: finite(estimate?.low),
    estimated_high: finite(estimate?.high),
    estimated_from_reference: finite(estimate?.fromReference),
    lag_p50_s: finite(window.lag(0.5) / 1000),
    lag_p95_s: finite(window.lag(0.95) / 1000),
    ...beyond([...overflowed(saved.labelled, values), ...overflowedEstimate(estimate), ...overflowedIntervals(window.intervals())]),
    ...intervalJson(window.intervals()),
    alarms: alarmsWithin(alarms, saved.start, end),
    models: window.models().map(({ model, moments }) => ({
      model,
      labelled: moments.count,
      ...versionFigures(moments),
    })),
  };
}

function intervalJson({ rows, target, coverage, width, score }: IntervalFigures): Pick<WindowJson, keyof typeof intervalProperties> {
  return {
    interval_rows: rows,
    interval_target: finite(target),
    interval_coverage: finite(coverage),
    interval_width: finite(width),
    interval_score: finite(score),
  };
}

function versionFigures(moments: Moments) {
  return {
    mae: finite(mae.of(moments)),
    rmse: finite(rmse.of(moments)),
    r2: finite(r2.of(moments)),
    bias: finite(bias.of(moments)),
    ...beyond([mae, rmse, r2, bias].filter(({ of, least }) => isOverflow(of(moments), moments.count, least)).map(({ name }) => name)),
  };
}

/** Parts of an estimate that there is, but that are beyond the largest double. */
function overflowedEstimate(estimate: EstimatedMae | undefined): string[] {
  if (estimate === undefined) return [];
  const { value, low, high } = estimate;
  const parts = { estimated_mae: value, estimated_low: low, estimated_high: high };
  return Object.entries(parts).flatMap(([name, part]) => (Number.isFinite(part) ? [] : [name]));
}

/** Figures of intervals that there are, but that are beyond the largest double. */
function overflowedIntervals({ rows, width, score }: IntervalFigures): string[] {
  return Object.entries({ interval_width: width, interval_score: score }).flatMap(([name, value]) =>
    rows > 0 && Math.abs(value) === Infinity ? [name] : [],
  );
}

/** @param names - of figures that are beyond the largest double. */
export function beyond(names: readonly string[]): { readonly overflowed?: string[] } {
  return names.length === 0 ? {} : { overflowed: [...names] };
}

/** labelled ÷ predicted; null without predictions. */
export function coverageOf({ labelled, predicted }: Pick<SavedWindow, "labelled" | "predicted">): number | null {
  return predicted === 0 ? null : labelled / predicted;
}

/** null for what JSON has no number for. */
export function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
