import type { SKRSContext2D } from "@napi-rs/canvas";
import type { Chart, Plugin } from "chart.js";
import { PICTURE_FONT } from "./picture-font.js";
import { MARGIN } from "./picture-style.js";
import { placeLabels } from "./place-labels.js";

const FONT_SIZE = 28;
const LABEL_HEIGHT = 42;
const LABEL_PADDING = 14;
const LABEL_GAP = 10;
// From the lower edge of a label to the bars: room for the leader between a label and its line.
const LEADER_HEIGHT = 16;
const CORNER = 8;

/** The height, in pixels, that the labels need above the bars. */
export const LABEL_BAND = LABEL_HEIGHT + LEADER_HEIGHT;

/** A vertical line through the bars with its label above them. */
export interface StatisticLine {
  readonly text: string;
  /** Where it stands on the x scale. */
  readonly at: number;
  readonly colour: string;
  /** Lengths of strokes and gaps, in pixels; none for a solid line. Lines differ in it as well as in colour. */
  readonly dash: readonly number[];
}

/** @returns a chart.js plugin that draws the lines over the bars. Labels stay within the picture and apart from each other. */
export function statisticLines(lines: readonly StatisticLine[]): Plugin<"bar"> {
  return {
    id: "statistic-lines",
    afterDatasetsDraw(chart: Chart<"bar">) {
      const context: SKRSContext2D = chart.ctx;
      const scale = chart.scales["x"];
      if (scale === undefined) return;
      context.save();
      context.font = `600 ${FONT_SIZE}px ${PICTURE_FONT}`;
      context.lineWidth = 4;
      const wishes = lines.map((line) => ({
        centre: scale.getPixelForValue(line.at),
        width: context.measureText(line.text).width + 2 * LABEL_PADDING,
      }));
      const centres = placeLabels(wishes, chart.chartArea.left, chart.width - MARGIN, LABEL_GAP);
      for (const [index, line] of lines.entries()) {
        const { centre: x, width } = wishes[index] ?? { centre: 0, width: 0 };
        const label = { centre: centres[index] ?? x, width, top: chart.chartArea.top - LABEL_BAND };
        drawLine(context, line, x, label, chart.chartArea);
        drawLabel(context, line, label);
      }
      context.restore();
    },
  };
}

interface Label {
  readonly centre: number;
  readonly width: number;
  readonly top: number;
}

function drawLine(context: SKRSContext2D, line: StatisticLine, x: number, label: Label, area: { top: number; bottom: number }): void {
  // From the point of the label's lower edge that is nearest to the line.
  const reach = label.width / 2 - CORNER;
  const from = Math.min(Math.max(x, label.centre - reach), label.centre + reach);
  context.strokeStyle = line.colour;
  context.setLineDash([]);
  strokePath(context, [from, label.top + LABEL_HEIGHT], [x, area.top]);
  context.setLineDash([...line.dash]);
  strokePath(context, [x, area.top], [x, area.bottom]);
  context.setLineDash([]);
}

function strokePath(context: SKRSContext2D, from: readonly [number, number], to: readonly [number, number]): void {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

function drawLabel(context: SKRSContext2D, { text, colour }: StatisticLine, { centre, width, top }: Label): void {
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(centre - width / 2, top, width, LABEL_HEIGHT, CORNER);
  context.fill();
  context.fillStyle = "#ffffff";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, centre, top + LABEL_HEIGHT / 2);
}
