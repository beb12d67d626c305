import type { SKRSContext2D } from "@napi-rs/canvas";
import type { Plugin } from "chart.js";
import { PICTURE_FONT } from "./picture-font.js";

const HEADLINE_SIZE = 44;
const TEXT_SIZE = 28;
const LINE_HEIGHT = 44;

/** @returns a chart.js plugin that writes a headline and lines below it into the middle of a chart without data. */
export function emptyMessage(headline: string, lines: readonly string[], colour: string): Plugin<"bar"> {
  return {
    id: "empty-message",
    afterDraw(chart) {
      const context: SKRSContext2D = chart.ctx;
      const { left, right, top, bottom } = chart.chartArea;
      const centre = (left + right) / 2;
      const middle = (top + bottom) / 2 - (lines.length * LINE_HEIGHT) / 2;
      context.save();
      context.fillStyle = colour;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.font = `600 ${HEADLINE_SIZE}px ${PICTURE_FONT}`;
      context.fillText(headline, centre, middle);
      context.font = `${TEXT_SIZE}px ${PICTURE_FONT}`;
      for (const [index, line] of lines.entries()) context.fillText(line, centre, middle + 62 + index * LINE_HEIGHT);
      context.restore();
    },
  };
}
