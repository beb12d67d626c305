import type { ChartConfiguration } from "chart.js";
import { stateOf, type WindowPoint } from "@streamgauge/core/windows";
import { axisTitle } from "../axis-title.js";
import { chartOptions, renderChart, textWidth } from "../chart-renderer.js";
import { emptyMessage } from "../empty-message.js";
import { numberTicks } from "../number-axis.js";
import { pictureKey, KEY_BAND, lineSample, type KeyEntry } from "../picture-key.js";
import { BLUE, GRID, INK, MARGIN, QUIET_INK, WIDTH } from "../picture-style.js";
import { countText, shorten, timeText, valueText } from "../picture-text.js";
import { errorRange, type ErrorRange } from "./error-range.js";
import { datesText, timeTicks } from "./time-ticks.js";
import {
  alarmSample,
  COVERAGE_AXIS,
  COVERAGE_TOP,
  ERROR_AXIS,
  intervalSample,
  provisionalSample,
  REFERENCE,
  windowLayer,
} from "./window-layer.js";
import { sizeText, type WindowSeries } from "./window-trend.js";

const TITLE = "Error over time";
/** About the height of the part with the errors. */
const ERROR_HEIGHT = 300;
const LINE_HEIGHT = 44;
/** For half of the last time beside the chart. */
const TICK_ROOM = 16;

/** What the picture says beside the windows. */
export interface TrendSummary {
  /** The target's unit, and the model of the latest row, if known. */
  readonly unit?: string | undefined;
  readonly model?: string | undefined;
  readonly time: Date;
}

/**
 * Draws the mean absolute error of windows of event time with the estimate for all their predictions, and their coverage below.
 *
 * @returns a PNG; see `renderChart`. One that says what to do when there is no window yet.
 */
export function drawErrorOverTime(series: WindowSeries, summary: TrendSummary): Buffer {
  return renderChart(series.windows.length === 0 ? emptyChart(summary) : trendChart(series, summary));
}

function trendChart(series: WindowSeries, summary: TrendSummary): ChartConfiguration {
  const { windows } = series;
  const range = errorRange(windows);
  const [from, to] = [windows[0]?.start ?? 0, windows.at(-1)?.end ?? 1];
  const now = summary.time.getTime();
  const isProvisional = (window: WindowPoint) => stateOf(window, now) === "provisional";
  return {
    type: "scatter",
    data: { datasets: [] },
    options: {
      ...chartOptions({ title: TITLE, lines: trendLines(series, range, summary), below: KEY_BAND, right: TICK_ROOM }),
      scales: {
        x: timeScale(from, to),
        [COVERAGE_AXIS]: coverageScale(),
        [ERROR_AXIS]: errorScale(range),
      },
    },
    plugins: [
      windowLayer({ series, range, isProvisional, reference: referenceOf(windows) }),
      pictureKey(keyOf(series, range, isProvisional)),
    ],
  };
}

/** Event times from 0 to 1: milliseconds since 1970 are more than chart.js counts with. */
function timeScale(from: number, to: number) {
  const texts = new Map(timeTicks(from, to).map(({ time, text }) => [(time - from) / (to - from), text]));
  return { ...fixedScale(texts, `Event time (UTC), ${datesText(from, to)}`), grid: { drawOnChartArea: false, tickColor: QUIET_INK } };
}

/** Errors from 0 to 1, so that those of every magnitude are drawn alike. */
function errorScale({ low, high }: ErrorRange) {
  const { ticks, power } = numberTicks(low, high, (texts) => texts.length * LINE_HEIGHT < ERROR_HEIGHT);
  const texts = new Map(ticks.map(({ value, text }) => [(value - low) / (high - low), text]));
  const scale = fixedScale(texts, axisTitle("MAE", undefined, power, ERROR_HEIGHT));
  return { ...scale, axis: "y" as const, stack: "panels", stackWeight: 3, grid: { color: GRID } };
}

function coverageScale() {
  const texts = new Map([
    [0, "0 %"],
    [1, "100 %"],
  ]);
  const scale = fixedScale(texts, "Coverage");
  const title = { ...scale.title, font: { size: 24 } };
  return { ...scale, title, max: COVERAGE_TOP, axis: "y" as const, stack: "panels", stackWeight: 1.3, grid: { color: GRID } };
}

function fixedScale(texts: ReadonlyMap<number, string>, title: string) {
  return {
    type: "linear" as const,
    min: 0,
    max: 1,
    title: { display: true, text: title },
    afterBuildTicks: (built: { ticks: { value: number }[] }) => {
      built.ticks = [...texts.keys()].map((value) => ({ value }));
    },
    ticks: { autoSkip: false, maxRotation: 0, callback: (value: number | string) => texts.get(Number(value)) ?? "" },
    border: { color: QUIET_INK },
  };
}

/** The reference of the latest model version; NaN while there is none. */
function referenceOf(windows: readonly WindowPoint[]): number {
  return windows.at(-1)?.referenceMae ?? Number.NaN;
}

function keyOf({ windows, alarms }: WindowSeries, range: ErrorRange, isProvisional: (window: WindowPoint) => boolean): KeyEntry[] {
  const reference = referenceOf(windows);
  return [
    { text: "MAE", paint: lineSample(BLUE, 4, []) },
    ...(windows.some(({ estimate }) => estimate !== undefined) ? [{ text: "Estimate, 95 %", paint: intervalSample } as const] : []),
    ...(reference >= range.low && reference <= range.high
      ? [{ text: "Reference", paint: lineSample(REFERENCE.colour, REFERENCE.width, REFERENCE.dash) }]
      : []),
    ...(windows.some(isProvisional) ? [{ text: "Provisional", paint: provisionalSample }] : []),
    ...(alarms.length > 0 ? [{ text: "Alarm", paint: alarmSample }] : []),
  ];
}

/** The lines below the title. */
export function trendLines(
  { size, windows }: WindowSeries,
  { beyond, largest }: Pick<ErrorRange, "beyond" | "largest">,
  { unit, model, time }: TrendSummary,
): string[] {
  const many = windows.length === 1 ? "1 window" : `${countText(windows.length)} windows`;
  const lines = [`${many} of ${sizeText(size)} · ${timeText(time)}`];
  const named = [...(unit === undefined ? [] : [`MAE in ${unit}`]), ...(model === undefined ? [] : [`Model ${model}`])];
  if (named.length > 0) lines.push(shorten(named.join(" · "), WIDTH - 3 * MARGIN, textWidth));
  if (beyond > 0) {
    const errors = beyond === 1 ? "1 window has an error" : `${countText(beyond)} windows have errors`;
    lines.push(`${errors} beyond the axis, the largest ${valueText(largest)}`);
  }
  return lines;
}

function emptyChart({ time }: TrendSummary): ChartConfiguration {
  return {
    type: "bar",
    data: { datasets: [] },
    options: {
      ...chartOptions({ title: TITLE, lines: [timeText(time)], below: 0 }),
      scales: { x: { display: false }, y: { display: false } },
    },
    plugins: [
      emptyMessage(
        "No windows yet",
        ["Windows come from metrics, with the first predictions.", "Check that features, model and metrics are running."],
        INK,
      ),
    ],
  };
}
