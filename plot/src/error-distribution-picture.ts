import { createCanvas } from "@napi-rs/canvas";
import type { ChartConfiguration } from "chart.js";
import { ChartJSNodeCanvas } from "chartjs-node-canvas";
import type { ErrorDistribution } from "./logged-errors.js";
import { binAxis, type BinAxis } from "./bin-axis.js";
import { emptyMessage } from "./empty-message.js";
import { PICTURE_FONT, registerPictureFont } from "./picture-font.js";
import { INK, MARGIN, PIXELS_PER_POINT, QUIET_INK, WIDTH } from "./picture-style.js";
import { countText, shorten, shortCountText, timeText, valueText } from "./picture-text.js";
import { LABEL_BAND, type StatisticLine, statisticLines } from "./statistic-lines.js";

const HEIGHT = 750;
const TEXT_SIZE = 28;
// Okabe and Ito's colours, which colour-blind readers tell apart; the ones that carry white text are darkened to a
// contrast of at least 4.5.
const BAR = "#8cc5e8";
const TAIL_BAR = "#a7adb5";
const MEDIAN = "#005a92";
const MEAN = "#a84300";
const P95 = INK;

/** What a picture shows beside the distribution itself. */
export interface PictureSummary extends ErrorDistribution {
  /** The target's unit; without it the axis names none. */
  readonly unit?: string | undefined;
  readonly model?: string | undefined;
  /** Malformed lines of the log, missing from the picture. */
  readonly malformed: number;
  /** When the log was read. */
  readonly time: Date;
}

const ruler = createCanvas(1, 1).getContext("2d");
let renderer: ChartJSNodeCanvas | undefined;

/**
 * Draws the distribution of the absolute errors: a histogram with lines for the median, the mean and p95.
 *
 * @returns a PNG of 1800 × 1125 pixels; one that says what to do when no row is logged yet.
 * Blocks the event loop while it draws, for 50 ms or more.
 * @throws FontMissingError when the project's font cannot be read.
 */
export function drawErrorDistribution(summary: PictureSummary): Buffer {
  renderer ??= createRenderer();
  return renderer.renderToBufferSync(summary.count === 0 ? emptyChart(summary) : histogramChart(summary));
}

/** One for the process: each has its own copy of chart.js. */
function createRenderer(): ChartJSNodeCanvas {
  registerPictureFont();
  return new ChartJSNodeCanvas({
    width: WIDTH,
    height: HEIGHT,
    backgroundColour: "#ffffff",
    chartCallback: ({ defaults }) => {
      defaults.font.family = PICTURE_FONT;
      defaults.font.size = TEXT_SIZE;
      defaults.color = INK;
    },
  });
}

function histogramChart(summary: PictureSummary): ChartConfiguration<"bar"> {
  const axis = binAxis(summary.bins, summary.unit, WIDTH - 6 * MARGIN, textWidth);
  return {
    type: "bar",
    data: {
      labels: axis.bars.map(({ at }) => at),
      datasets: [
        {
          // No bar for an empty bin: chart.js would raise a zero to the minimum height.
          data: axis.bars.map(({ count }) => (count === 0 ? null : count)),
          backgroundColor: axis.bars.map(({ isTail }) => (isTail ? TAIL_BAR : BAR)),
          borderColor: "#ffffff",
          borderWidth: { left: 0.75, right: 0.75, top: 0, bottom: 0 },
          minBarLength: 3,
          barPercentage: 1,
          categoryPercentage: 1,
        },
      ],
    },
    options: {
      ...sharedOptions(subtitle(summary), LABEL_BAND + 12),
      scales: {
        x: {
          type: "linear",
          min: 0,
          max: axis.length,
          offset: false,
          title: { display: true, text: axis.title },
          afterBuildTicks: (scale) => {
            scale.ticks = axis.ticks.map(({ at }) => ({ value: at }));
          },
          ticks: {
            autoSkip: false,
            maxRotation: 0,
            callback: (value) => axis.ticks.find(({ at }) => at === value)?.text ?? "",
          },
          grid: { drawOnChartArea: false, tickColor: QUIET_INK, offset: false },
          border: { color: QUIET_INK },
        },
        y: {
          beginAtZero: true,
          title: { display: true, text: "Rows per bin" },
          ticks: { precision: 0, maxTicksLimit: 7, callback: (value) => shortCountText(Number(value)) },
          grid: { color: "#e3e7eb" },
          border: { display: false },
        },
      },
    },
    plugins: [statisticLines(linesOf(summary, axis))],
  };
}

function linesOf(summary: ErrorDistribution, axis: BinAxis): StatisticLine[] {
  if (summary.min === summary.max) {
    const names = hasMean(summary) ? "Median = mean = p95" : "Median = p95";
    return [{ text: `${names} ${valueText(summary.median)}`, at: axis.positionOf(summary.median), colour: P95, dash: [] }];
  }
  const mean = { text: `Mean ${valueText(summary.mean)}`, at: axis.positionOf(summary.mean), colour: MEAN, dash: [] };
  return [
    { text: `Median ${valueText(summary.median)}`, at: axis.positionOf(summary.median), colour: MEDIAN, dash: [14, 8] },
    ...(hasMean(summary) ? [mean] : []),
    { text: `p95 ${valueText(summary.p95)}`, at: axis.positionOf(summary.p95), colour: P95, dash: [4, 6] },
  ];
}

/** No line if the sum of the errors is beyond the largest double. */
function hasMean({ mean }: ErrorDistribution): boolean {
  return mean !== Infinity;
}

function emptyChart(summary: PictureSummary): ChartConfiguration<"bar"> {
  return {
    type: "bar",
    data: { datasets: [] },
    options: { ...sharedOptions(subtitle(summary), 0), scales: { x: { display: false }, y: { display: false } } },
    plugins: [
      emptyMessage(
        "No rows logged yet",
        ["A row appears here once its prediction and its label have met.", "Check that features, model and metrics are running."],
        INK,
      ),
    ],
  };
}

function sharedOptions(lines: string[], below: number): NonNullable<ChartConfiguration<"bar">["options"]> {
  return {
    devicePixelRatio: PIXELS_PER_POINT,
    layout: { padding: { left: MARGIN, right: MARGIN + 16, top: MARGIN, bottom: MARGIN } },
    plugins: {
      legend: { display: false },
      tooltip: { enabled: false },
      title: { display: true, text: "Error distribution", align: "start", font: { size: 40, weight: 600 }, padding: { bottom: 8 } },
      subtitle: { display: true, text: lines, align: "start", color: QUIET_INK, font: { lineHeight: 1.3 }, padding: { bottom: below } },
    },
  };
}

/** @returns the lines below the title. */
export function subtitle({ count, max, mean, model, malformed, time }: PictureSummary): string[] {
  const rows = count === 1 ? "1 row" : `${countText(count)} rows`;
  const lines = [[rows, ...(count === 0 ? [] : [`largest error ${valueText(max)}`]), timeText(time)].join(" · ")];
  if (model !== undefined) lines.push(shorten(`Model ${model}`, WIDTH - 3 * MARGIN, textWidth));
  if (mean === Infinity) lines.push(`The sum of the errors is ${valueText(mean)}, the largest number: MAE and RMSE are infinite`);
  if (malformed > 0) lines.push(`${countText(malformed)} malformed ${malformed === 1 ? "line" : "lines"} of the log skipped`);
  return lines;
}

function textWidth(text: string): number {
  ruler.font = `${TEXT_SIZE}px ${PICTURE_FONT}`;
  return ruler.measureText(text).width;
}
