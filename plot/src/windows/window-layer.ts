import type { SKRSContext2D } from "@napi-rs/canvas";
import type { Chart, Plugin, Scale } from "chart.js";
import type { WindowPoint } from "@streamgauge/core/windows";
import { BLUE, onPixel, ORANGE, PALE_BLUE, QUIET_INK } from "../picture-style.js";
import type { ErrorRange } from "./error-range.js";
import type { WindowSeries } from "./window-trend.js";

/** The scales of the two panels. */
export const ERROR_AXIS = "y";
export const COVERAGE_AXIS = "coverage";

/** Where the axis of the coverage ends, so that there is room between the panels. */
export const COVERAGE_TOP = 1.4;

export const REFERENCE = { colour: QUIET_INK, width: 3, dash: [4, 6] } as const;
const INTERVAL = "#f2d3bd";
const HATCH = "#c3cad1";
const HATCH_GAP = 12;
const NO_COVERAGE = "#edf0f3";
/** With more windows there is no room for a dot each. */
const MOST_DOTS = 60;
const DOT = 6;
const MARKER = 10;

/** What is drawn between the axes. */
export interface WindowLayer {
  readonly series: WindowSeries;
  readonly range: ErrorRange;
  readonly isProvisional: (window: WindowPoint) => boolean;
  /** NaN for none. */
  readonly reference: number;
}

interface Panel {
  readonly context: SKRSContext2D;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly xOf: (time: number) => number;
}

/** @returns a chart.js plugin that draws the errors of windows, and below them their coverage. */
export function windowLayer(layer: WindowLayer): Plugin {
  return {
    id: "windows",
    beforeDatasetsDraw(chart: Chart) {
      const [errors, coverage] = [chart.scales[ERROR_AXIS], chart.scales[COVERAGE_AXIS]];
      if (errors === undefined || coverage === undefined) return;
      drawIn(panelOf(chart, errors, layer), (panel) => drawErrors(panel, layer));
      drawIn(panelOf(chart, coverage, layer), (panel) => drawCoverage(panel, layer));
    },
  };
}

function panelOf({ ctx, chartArea: { left, right } }: Chart, { top, bottom }: Scale, { series: { windows } }: WindowLayer): Panel {
  const [from, to] = [windows[0]?.start ?? 0, windows.at(-1)?.end ?? 1];
  return { context: ctx, left, right, top, bottom, xOf: (time) => left + ((time - from) / (to - from)) * (right - left) };
}

function drawIn(panel: Panel, draw: (panel: Panel) => void): void {
  const { context, left, right, top, bottom } = panel;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  draw(panel);
  context.restore();
}

function drawErrors(panel: Panel, { series: { windows, alarms }, range, isProvisional, reference }: WindowLayer): void {
  const { context, left, right, top, bottom, xOf } = panel;
  const yOf = (error: number) => bottom - ((error - range.low) / (range.high - range.low)) * (bottom - top);
  for (const { start, end } of runsOf(windows.filter(isProvisional))) hatch(context, xOf(start), top, xOf(end), bottom);
  for (const { start, end, estimate } of windows) {
    if (estimate === undefined) continue;
    context.fillStyle = INTERVAL;
    // A line, if it is as thin as one.
    const [left, upper] = [onPixel(xOf(start)), yOf(estimate.high) - 1];
    context.fillRect(left, upper, onPixel(xOf(end)) - left, yOf(estimate.low) + 1 - upper);
  }
  if (reference >= range.low && reference <= range.high) drawReference(context, left, right, yOf(reference));
  for (const { start, end, estimate, coverage } of windows)
    if (estimate !== undefined && (coverage ?? 0) < 1) drawLevel(context, xOf(start), xOf(end), yOf(estimate.value));
  drawMae(
    panel,
    windows.filter(({ mae }) => mae <= range.high),
    yOf,
  );
  for (const { start, end, mae, labelled } of windows)
    if (labelled > 0 && !(mae <= range.high)) triangle(context, xOf((start + end) / 2), top + 2 * MARKER, BLUE);
  for (const { time } of alarms) triangle(context, xOf(time), bottom, ORANGE);
}

function drawReference(context: SKRSContext2D, left: number, right: number, y: number): void {
  stroke(context, REFERENCE, () => {
    context.moveTo(left, y);
    context.lineTo(right, y);
  });
}

function drawLevel(context: SKRSContext2D, left: number, right: number, y: number): void {
  stroke(context, { colour: ORANGE, width: 4, dash: [] }, () => {
    context.moveTo(left, y);
    context.lineTo(right, y);
  });
}

/** A line through the middles of windows side by side, and a dot for each where there is room, or for one that stands alone. */
function drawMae({ context, xOf }: Panel, windows: readonly WindowPoint[], yOf: (error: number) => number): void {
  const runs = runsOf(windows);
  const at = ({ start, end, mae }: WindowPoint) => [xOf((start + end) / 2), yOf(mae)] as const;
  stroke(context, { colour: BLUE, width: 4, dash: [] }, () => {
    for (const { members } of runs)
      for (const [i, window] of members.entries()) {
        if (i === 0) context.moveTo(...at(window));
        else context.lineTo(...at(window));
      }
  });
  context.fillStyle = BLUE;
  for (const { members } of runs) {
    if (windows.length > MOST_DOTS && members.length > 1) continue;
    for (const window of members) {
      context.beginPath();
      context.arc(...at(window), DOT, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

function drawCoverage({ context, top, bottom, xOf }: Panel, { series: { windows } }: WindowLayer): void {
  const height = (bottom - top) / COVERAGE_TOP;
  for (const { start, end, coverage } of windows) {
    if (coverage === null) continue;
    const left = onPixel(xOf(start));
    const width = onPixel(xOf(end)) - left;
    context.fillStyle = NO_COVERAGE;
    context.fillRect(left, bottom - height, width, height);
    context.fillStyle = PALE_BLUE;
    context.fillRect(left, bottom - coverage * height, width, coverage * height);
  }
}

/** Windows side by side, as one. */
function runsOf(
  windows: readonly WindowPoint[],
): { readonly start: number; readonly end: number; readonly members: readonly WindowPoint[] }[] {
  const runs: { start: number; end: number; members: WindowPoint[] }[] = [];
  for (const window of windows) {
    const last = runs.at(-1);
    if (last?.end !== window.start) runs.push({ start: window.start, end: window.end, members: [window] });
    else {
      last.end = window.end;
      last.members.push(window);
    }
  }
  return runs;
}

function stroke(
  context: SKRSContext2D,
  { colour, width, dash }: { colour: string; width: number; dash: readonly number[] },
  path: () => void,
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash([...dash]);
  context.beginPath();
  path();
  context.stroke();
  context.setLineDash([]);
}

function hatch(context: SKRSContext2D, left: number, top: number, right: number, bottom: number): void {
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  stroke(context, { colour: HATCH, width: 1.5, dash: [] }, () => {
    const height = bottom - top;
    // From multiples of the gap on, so that stripes of neighbours join.
    for (let x = Math.floor((left - height) / HATCH_GAP) * HATCH_GAP; x < right; x += HATCH_GAP) {
      context.moveTo(x, bottom);
      context.lineTo(x + height, top);
    }
  });
  context.restore();
}

/** Samples for the key. */
export function intervalSample(context: SKRSContext2D, from: number, to: number, y: number): void {
  context.fillStyle = INTERVAL;
  context.fillRect(from, y - 12, to - from, 24);
  drawLevel(context, from, to, y);
}

export function provisionalSample(context: SKRSContext2D, from: number, to: number, y: number): void {
  hatch(context, from, y - 12, to, y + 12);
}

export function alarmSample(context: SKRSContext2D, from: number, to: number, y: number): void {
  triangle(context, (from + to) / 2, y + MARKER, ORANGE);
}

/** One that stands on `y` and points upwards. */
function triangle(context: SKRSContext2D, x: number, y: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(x - MARKER, y);
  context.lineTo(x + MARKER, y);
  context.lineTo(x, y - 2 * MARKER);
  context.closePath();
  context.fill();
}
