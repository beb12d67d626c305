import type { SKRSContext2D } from "@napi-rs/canvas";
import type { Chart, ChartArea, Plugin } from "chart.js";
import { PICTURE_FONT } from "../picture-font.js";
import { GRID, INK, onPixel, QUIET_INK } from "../picture-style.js";
import { shortCountText } from "../picture-text.js";
import { colourOf, legendCounts, shareOf } from "./colour-scale.js";
import type { DensityGrid } from "./density-grid.js";

/** The room that the legend takes beside the chart, in points. */
export const LEGEND_WIDTH = 120;
const LEGEND_GAP = 28;
const BAR_WIDTH = 26;
const TEXT_SIZE = 22;
const STRIPES = 100;

/** A line over a density, through points in bins from the lower left corner; a point with NaN in it interrupts the line. */
export interface OverlaidLine {
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly colour: string;
  readonly width: number;
  readonly dash: readonly number[];
}

/** @returns a chart.js plugin that fills the bins by their counts, draws lines over them, and the legend of the colours beside them. */
export function densityLayer(grid: DensityGrid, lines: readonly OverlaidLine[]): Plugin {
  return {
    id: "density",
    afterDatasetsDraw(chart: Chart) {
      const context: SKRSContext2D = chart.ctx;
      context.save();
      const { left, top, right, bottom } = chart.chartArea;
      context.beginPath();
      context.rect(left, top, right - left, bottom - top);
      context.clip();
      fillBins(context, grid, chart.chartArea);
      for (const line of lines) drawLine(context, line, grid, chart.chartArea);
      context.restore();
      drawLegend(context, grid.largest, chart.chartArea);
    },
  };
}

function fillBins(context: SKRSContext2D, { x, y, counts, largest }: DensityGrid, { left, bottom, width, height }: ChartArea): void {
  const column = (i: number) => onPixel(left + (i / x.bins) * width);
  const row = (j: number) => onPixel(bottom - (j / y.bins) * height);
  for (let j = 0; j < y.bins; j += 1) {
    for (let i = 0; i < x.bins; i += 1) {
      const count = counts[j * x.bins + i] ?? 0;
      if (count === 0) continue;
      context.fillStyle = colourOf(shareOf(count, largest));
      context.fillRect(column(i), row(j + 1), column(i + 1) - column(i), row(j) - row(j + 1));
    }
  }
}

function drawLine(context: SKRSContext2D, line: OverlaidLine, { x, y }: DensityGrid, { left, bottom, width, height }: ChartArea): void {
  context.strokeStyle = line.colour;
  context.lineWidth = line.width;
  context.setLineDash([...line.dash]);
  context.beginPath();
  let isDown = false;
  for (const [atX, atY] of line.points) {
    const [px, py] = [left + (atX / x.bins) * width, bottom - (atY / y.bins) * height];
    if (!Number.isFinite(px) || !Number.isFinite(py)) isDown = false;
    else if (isDown) context.lineTo(px, py);
    else {
      context.moveTo(px, py);
      isDown = true;
    }
  }
  context.stroke();
  context.setLineDash([]);
}

function drawLegend(context: SKRSContext2D, largest: number, { right, top, bottom }: ChartArea): void {
  if (largest === 0) return;
  const left = right + LEGEND_GAP;
  const from = top + 44;
  const height = bottom - from;
  context.save();
  context.font = `${TEXT_SIZE}px ${PICTURE_FONT}`;
  context.textBaseline = "middle";
  context.fillStyle = INK;
  context.fillText("Rows", left, top + 12);
  for (let stripe = 0; stripe < STRIPES; stripe += 1) {
    context.fillStyle = colourOf(largest <= 1 ? shareOf(1, largest) : stripe / (STRIPES - 1));
    const upper = onPixel(bottom - ((stripe + 1) / STRIPES) * height);
    context.fillRect(left, upper, BAR_WIDTH, onPixel(bottom - (stripe / STRIPES) * height) - upper);
  }
  context.strokeStyle = GRID;
  context.strokeRect(left, from, BAR_WIDTH, height);
  context.fillStyle = QUIET_INK;
  for (const count of legendCounts(largest)) {
    const y = bottom - shareOf(count, largest) * height;
    context.fillText(shortCountText(count), left + BAR_WIDTH + 8, Math.min(Math.max(y, from + TEXT_SIZE / 2), bottom - TEXT_SIZE / 2));
  }
  context.restore();
}
