import type { ChartConfiguration } from "chart.js";
import { axisTitle } from "../axis-title.js";
import { chartOptions, textWidth, type Heading } from "../chart-renderer.js";
import { numberTicks, type NumberTicks } from "../number-axis.js";
import { pictureKey, KEY_BAND, type KeyEntry } from "../picture-key.js";
import { GRID, MARGIN, QUIET_INK, WIDTH } from "../picture-style.js";
import { positionOf, valueAt, type BinnedAxis, type DensityGrid } from "./density-grid.js";
import { densityLayer, LEGEND_WIDTH, type OverlaidLine } from "./density-layer.js";

const TICK_GAP = 28;
/** About the height of the chart, and of a line of text along it. */
const CHART_HEIGHT = 430;
const LINE_HEIGHT = 44;

/** What a picture of a density shows. */
export interface DensityChart {
  readonly title: string;
  readonly lines: readonly string[];
  readonly grid: DensityGrid;
  /** What the axes show. */
  readonly x: string;
  readonly y: string;
  /** The target's unit, if known. */
  readonly unit: string | undefined;
  readonly overlaid: readonly OverlaidLine[];
  readonly key: readonly KeyEntry[];
}

/** The chart of a density: bins coloured by their counts, lines over them, and what both mean. */
export function densityChart({ title, lines, grid, x, y, unit, overlaid, key }: DensityChart): ChartConfiguration {
  const heading: Heading = { title, lines, below: KEY_BAND, right: LEGEND_WIDTH };
  const width = WIDTH - 6 * MARGIN - LEGEND_WIDTH;
  const alongX = ticksOf(grid.x, (texts) => texts.reduce((sum, text) => sum + textWidth(text) + TICK_GAP, 0) < width);
  const alongY = ticksOf(grid.y, (texts) => texts.length * LINE_HEIGHT < CHART_HEIGHT);
  return {
    type: "scatter",
    data: { datasets: [] },
    options: {
      ...chartOptions(heading),
      scales: {
        x: { ...scale(grid.x, alongX, axisTitle(x, unit, alongX.power, width)), grid: { drawOnChartArea: false, tickColor: QUIET_INK } },
        y: {
          ...scale(grid.y, alongY, titleInRoom(y, unit, alongY.power)),
          grid: { color: GRID },
        },
      },
    },
    plugins: [densityLayer(grid, overlaid), pictureKey(key)],
  };
}

function ticksOf(axis: BinnedAxis, hasRoom: (texts: readonly string[]) => boolean): NumberTicks {
  return numberTicks(valueAt(axis, 0), valueAt(axis, axis.bins), hasRoom);
}

function scale(axis: BinnedAxis, { ticks }: NumberTicks, title: string) {
  const texts = new Map(ticks.map(({ value, text }) => [positionOf(axis, value), text]));
  return {
    type: "linear" as const,
    min: 0,
    max: axis.bins,
    title: { display: true, text: title },
    afterBuildTicks: (built: { ticks: { value: number }[] }) => {
      built.ticks = [...texts.keys()].map((value) => ({ value }));
    },
    ticks: { autoSkip: false, maxRotation: 0, callback: (value: number | string) => texts.get(Number(value)) ?? "" },
    border: { color: QUIET_INK },
  };
}

/** The title of the upright axis: with the unit if that has room. The other axis has it in any case. */
function titleInRoom(name: string, unit: string | undefined, power: number): string {
  const title = axisTitle(name, unit, power, Infinity);
  return textWidth(title) <= CHART_HEIGHT ? title : axisTitle(name, undefined, power, CHART_HEIGHT);
}
