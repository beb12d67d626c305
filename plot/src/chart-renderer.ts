import { createCanvas } from "@napi-rs/canvas";
import type { ChartConfiguration } from "chart.js";
import { ChartJSNodeCanvas } from "chartjs-node-canvas";
import { PICTURE_FONT, registerPictureFont } from "./picture-font.js";
import { INK, MARGIN, PIXELS_PER_POINT, QUIET_INK, TEXT_SIZE, WIDTH } from "./picture-style.js";

const HEIGHT = 750;

let renderer: ChartJSNodeCanvas | undefined;
let hasFont = false;
const ruler = createCanvas(1, 1).getContext("2d");

/**
 * Draws a chart of the project's pictures.
 *
 * @returns a PNG of 1800 × 1125 pixels. Blocks the event loop while it draws, for 50 ms or more.
 * @throws FontMissingError when the project's font cannot be read.
 */
export function renderChart(chart: ChartConfiguration): Buffer {
  renderer ??= createRenderer();
  return renderer.renderToBufferSync(chart);
}

/** One for the process: each has its own copy of chart.js. */
function createRenderer(): ChartJSNodeCanvas {
  requireFont();
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

function requireFont(): void {
  if (!hasFont) registerPictureFont();
  hasFont = true;
}

/** The width of a text of a picture, in points. @throws FontMissingError */
export function textWidth(text: string): number {
  requireFont();
  ruler.font = `${TEXT_SIZE}px ${PICTURE_FONT}`;
  return ruler.measureText(text).width;
}

/** The heading that all pictures have alike. */
export interface Heading {
  readonly title: string;
  /** Lines below the title. */
  readonly lines: readonly string[];
  /** Room between them and the chart, and beside it, in points. */
  readonly below: number;
  readonly right?: number;
}

/** The options that all pictures have alike. */
export function chartOptions({ title, lines, below, right = 0 }: Heading): NonNullable<ChartConfiguration["options"]> {
  return {
    devicePixelRatio: PIXELS_PER_POINT,
    animation: false,
    layout: { padding: { left: MARGIN, right: MARGIN + 16 + right, top: MARGIN, bottom: MARGIN } },
    plugins: {
      legend: { display: false },
      tooltip: { enabled: false },
      title: { display: true, text: title, align: "start", font: { size: 40, weight: 600 }, padding: { bottom: 8 } },
      subtitle: {
        display: true,
        text: [...lines],
        align: "start",
        color: QUIET_INK,
        font: { lineHeight: 1.3 },
        padding: { bottom: below },
      },
    },
  };
}
