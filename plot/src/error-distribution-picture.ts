import type { ChartConfiguration } from "chart.js";
import type { ErrorDistribution } from "./error-distribution.js";
import { binAxis, type BinAxis } from "./bin-axis.js";
import { chartOptions, renderChart, textWidth } from "./chart-renderer.js";
import { logLines, type LogSummary } from "./log-summary.js";
import { noRowsChart } from "./no-rows-chart.js";
import { BLUE, GRID, INK, MARGIN, ORANGE, PALE_BLUE, QUIET_INK, WIDTH } from "./picture-style.js";
import { shortCountText, valueText } from "./picture-text.js";
import { LABEL_BAND, type StatisticLine, statisticLines } from "./statistic-lines.js";

const TAIL_BAR = "#a7adb5";

/** What a picture shows beside the distribution itself. */
export interface PictureSummary extends ErrorDistribution, LogSummary {}

/**
 * Draws the distribution of the absolute errors: a histogram with lines for the median, the mean and p95.
 *
 * @returns a PNG of 1800 × 1125 pixels; one that says what to do when no row is logged yet.
 * Blocks the event loop while it draws, for 50 ms or more.
 * @throws FontMissingError when the project's font cannot be read.
 */
export function drawErrorDistribution(summary: PictureSummary): Buffer {
  return renderChart(summary.count === 0 ? noRowsChart(options(summary, 0)) : histogramChart(summary));
}

function histogramChart(summary: PictureSummary): ChartConfiguration {
  const axis = binAxis(summary.bins, summary.unit, WIDTH - 6 * MARGIN, textWidth);
  return {
    type: "bar",
    data: {
      labels: axis.bars.map(({ at }) => at),
      datasets: [
        {
          // No bar for an empty bin: chart.js would raise a zero to the minimum height.
          data: axis.bars.map(({ count }) => (count === 0 ? null : count)),
          backgroundColor: axis.bars.map(({ isTail }) => (isTail ? TAIL_BAR : PALE_BLUE)),
          borderColor: "#ffffff",
          borderWidth: { left: 0.75, right: 0.75, top: 0, bottom: 0 },
          minBarLength: 3,
          barPercentage: 1,
          categoryPercentage: 1,
        },
      ],
    },
    options: {
      ...options(summary, LABEL_BAND + 12),
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
          grid: { color: GRID },
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
    return [{ text: `${names} ${valueText(summary.median)}`, at: axis.positionOf(summary.median), colour: INK, dash: [] }];
  }
  const mean = { text: `Mean ${valueText(summary.mean)}`, at: axis.positionOf(summary.mean), colour: ORANGE, dash: [] };
  return [
    { text: `Median ${valueText(summary.median)}`, at: axis.positionOf(summary.median), colour: BLUE, dash: [14, 8] },
    ...(hasMean(summary) ? [mean] : []),
    { text: `p95 ${valueText(summary.p95)}`, at: axis.positionOf(summary.p95), colour: INK, dash: [4, 6] },
  ];
}

/** No line if the sum of the errors is beyond the largest double. */
function hasMean({ mean }: ErrorDistribution): boolean {
  return mean !== Infinity;
}

function options(summary: PictureSummary, below: number): NonNullable<ChartConfiguration["options"]> {
  return chartOptions({ title: "Error distribution", lines: subtitle(summary), below });
}

/** @returns the lines below the title. */
export function subtitle(summary: PictureSummary): string[] {
  const { count, max, mean } = summary;
  const lines = logLines(summary, count === 0 ? [] : [`largest error ${valueText(max)}`]);
  if (mean === Infinity) lines.push(`The sum of the errors is ${valueText(mean)}, the largest number: MAE and RMSE are infinite`);
  return lines;
}
