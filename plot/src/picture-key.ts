import type { SKRSContext2D } from "@napi-rs/canvas";
import type { Plugin } from "chart.js";
import { PICTURE_FONT } from "./picture-font.js";
import { INK } from "./picture-style.js";

const TEXT_SIZE = 24;
const SAMPLE_WIDTH = 44;
const SAMPLE_GAP = 12;
const ENTRY_GAP = 36;
/** From the lower edge of the key to the chart. */
const ABOVE_CHART = 14;

/** The height, in points, that the key needs above the chart. */
export const KEY_BAND = TEXT_SIZE + 2 * ABOVE_CHART;

/** What a kind of mark in a picture means. `paint` draws a sample of it between two ends at a height. */
export interface KeyEntry {
  readonly text: string;
  readonly paint: (context: SKRSContext2D, from: number, to: number, y: number) => void;
}

/** A sample of a line. */
export function lineSample(colour: string, width: number, dash: readonly number[]): KeyEntry["paint"] {
  return (context, from, to, y) => {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash([...dash]);
    context.beginPath();
    context.moveTo(from, y);
    context.lineTo(to, y);
    context.stroke();
    context.setLineDash([]);
  };
}

/** @returns a chart.js plugin that says above the chart what its marks mean. */
export function pictureKey(entries: readonly KeyEntry[]): Plugin {
  return {
    id: "picture-key",
    afterDraw(chart) {
      const context: SKRSContext2D = chart.ctx;
      const y = chart.chartArea.top - ABOVE_CHART - TEXT_SIZE / 2;
      let x = chart.chartArea.left;
      context.save();
      context.font = `${TEXT_SIZE}px ${PICTURE_FONT}`;
      context.textBaseline = "middle";
      for (const { text, paint } of entries) {
        paint(context, x, x + SAMPLE_WIDTH, y);
        context.fillStyle = INK;
        context.fillText(text, x + SAMPLE_WIDTH + SAMPLE_GAP, y);
        x += SAMPLE_WIDTH + SAMPLE_GAP + context.measureText(text).width + ENTRY_GAP;
      }
      context.restore();
    },
  };
}
