import type { PairDensity } from "@streamgauge/core/windows";
import { shape } from "../dom.js";
import { axisFigure, count, counted, figure } from "../format.js";
import type { Drawn } from "./drawing.js";
import type { View } from "./panel.js";
import { ticksWithin } from "./points.js";

/** Cells along each axis that are shown at least, so that one row is not the whole picture. */
const LEAST_SIDE = 12;
const MARGIN = { left: 64, right: 20, top: 20, bottom: 40 };
/** Of the square; there is room beside it for the scale, or below it. */
const MOST_SIZE = 380;
const SCALE_WIDTH = 112;
const SCALE_HEIGHT = 44;
/** Pixels that a label takes on each axis. */
const [TICK_WIDTH, TICK_HEIGHT] = [64, 40];
/** How dark a cell with one row is; that with the most is 1. */
const LEAST_INK = 0.14;

/** How often which prediction met which label: darker cells have more rows. */
export function drawnDensity(density: PairDensity | undefined): Drawn {
  return {
    key: JSON.stringify(density ?? null),
    draw: (width) => (density === undefined ? undefined : drawing(density, width)),
  };
}

/** Where values are drawn, in pixels. */
interface Square {
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly cell: number;
  readonly left: (value: number) => number;
  readonly top: (value: number) => number;
}

function drawing(density: PairDensity, whole: number): SVGSVGElement {
  const isBeside = whole - MARGIN.left - MARGIN.right - SCALE_WIDTH >= 200;
  const size = Math.min(MOST_SIZE, whole - MARGIN.left - MARGIN.right - (isBeside ? SCALE_WIDTH : 0));
  const square = squareOf(density, size);
  const base = MARGIN.top + size;
  const height = base + MARGIN.bottom + (isBeside ? 0 : SCALE_HEIGHT);
  const label = "Predicted against actual; the fullest cells are in the table below.";
  const picture = shape("svg", { viewBox: `0 0 ${whole} ${height}`, role: "img", "aria-label": label });
  const most = Math.max(...density.cells.map(([, , rows]) => rows));
  picture.append(...ticks(square), ...density.cells.map((cell) => cellOf(density, cell, most, square)), ideal(square));
  picture.append(shape("text", { x: MARGIN.left + size / 2, y: base + 34, "text-anchor": "middle" }, "prediction"));
  picture.append(shape("text", { x: MARGIN.left, y: 11, "text-anchor": "start" }, "label"));
  picture.append(
    ...(isBeside ? scale(most, MARGIN.left + size + 24, MARGIN.top + 12) : scale(most, MARGIN.left, base + MARGIN.bottom + 14)),
  );
  return picture;
}

/** The range of the density, and around it as many cells as are shown at least. */
function squareOf({ from: least, width, side }: PairDensity, size: number): Square {
  const before = Math.max(0, Math.ceil((LEAST_SIDE - side) / 2));
  const from = least - before * width;
  const cells = Math.max(side + before, LEAST_SIDE);
  const to = from + cells * width;
  const share = (value: number) => (value / width - from / width) / cells;
  return {
    from,
    to,
    size,
    cell: size / cells,
    left: (value) => MARGIN.left + share(value) * size,
    top: (value) => MARGIN.top + (1 - share(value)) * size,
  };
}

function ticks({ from, to, size, left, top }: Square): SVGElement[] {
  const [base, right] = [MARGIN.top + size, MARGIN.left + size];
  const below = ticksWithin(from, to, size / TICK_WIDTH).flatMap((tick) => [
    shape("line", { x1: left(tick), x2: left(tick), y1: MARGIN.top, y2: base + 5 }),
    shape("text", { x: left(tick), y: base + 17, "text-anchor": "middle" }, axisFigure(tick)),
  ]);
  const beside = ticksWithin(from, to, size / TICK_HEIGHT).flatMap((tick) => [
    shape("line", { x1: MARGIN.left - 5, x2: right, y1: top(tick), y2: top(tick) }),
    shape("text", { x: MARGIN.left - 8, y: top(tick) + 4, "text-anchor": "end" }, axisFigure(tick)),
  ]);
  return [...below, ...beside];
}

function cellOf(density: PairDensity, cell: PairDensity["cells"][number], most: number, { cell: size, left, top }: Square): SVGElement {
  const { from, width } = density;
  const [column, row, rows] = cell;
  // Half a pixel more, so that no lines show between neighbours.
  const place = { x: left(from + column * width), y: top(from + (row + 1) * width) - 0.5, width: size + 0.5, height: size + 0.5 };
  const drawn = shape("rect", { ...place, "fill-opacity": ink(rows, most) });
  drawn.append(shape("title", {}, cellText(density, cell)));
  return drawn;
}

/** By the logarithm of the rows: errors that are rare are to be seen beside those that are not. */
function ink(rows: number, most: number): number {
  const share = most === 1 ? 1 : Math.log(rows) / Math.log(most);
  return Number((LEAST_INK + (1 - LEAST_INK) * share).toFixed(3));
}

/** Where predictions are right. */
function ideal({ from, to, left, top }: Square): SVGElement {
  const line = shape("line", { class: "ideal", x1: left(from), x2: left(to), y1: top(from), y2: top(to) });
  line.append(shape("title", {}, "as predicted"));
  return line;
}

/** What is how dark. */
function scale(most: number, x: number, y: number): SVGElement[] {
  const steps = most === 1 ? [1] : [0, 0.25, 0.5, 0.75, 1].map((share) => most ** share);
  const swatches = steps.map((rows, i) => shape("rect", { x: x + i * 16, y, width: 16, height: 12, "fill-opacity": ink(rows, most) }));
  const ends = most === 1 ? [] : [shape("text", { x: x + steps.length * 16, y: y + 28, "text-anchor": "end" }, figure(most))];
  return [
    ...swatches,
    shape("text", { x, y: y - 5, "text-anchor": "start" }, "rows in a cell"),
    shape("text", { x, y: y + 28, "text-anchor": "start" }, "1"),
    ...ends,
  ];
}

/** The cells with the most rows as texts, the fullest first. @param most - how many. */
export function fullestCells(density: PairDensity, most: number): string[][] {
  return density.cells
    .toSorted(([, , one], [, , other]) => other - one)
    .slice(0, most)
    .map((cell) => [...edgeTexts(density, cell), figure(cell[2])]);
}

function cellText(density: PairDensity, cell: PairDensity["cells"][number]): string {
  const [prediction, label] = edgeTexts(density, cell);
  return `predicted ${prediction}, was ${label}: ${counted(cell[2], "row")}`;
}

function edgeTexts({ from, width }: PairDensity, [column, row]: PairDensity["cells"][number]): string[] {
  return [column, row].map((at) => `${figure(from + at * width)} to ${figure(from + (at + 1) * width)}`);
}

/** Of the chosen version, or of all. */
export function densityOf(summary: View["summary"], model: string): PairDensity | undefined {
  const { pairs = [], models = [] } = summary ?? {};
  // That of an only version is that of all rows.
  const isOnly = models.length === 1 && models[0]?.model === model;
  return pairs.find((each) => (model === "" || isOnly ? each.model === null : each.model === model));
}

/** How many rows a density has, and which it leaves out. */
export function noteOf(density: PairDensity | undefined, model: string): string {
  if (density === undefined)
    return model === "" ? "There is none yet: it needs labels." : "There is none: it is kept of the five versions with the most rows.";
  const { rows, outside } = density;
  if (outside === 0) return `${counted(rows, "labelled row")}.`;
  return `${counted(rows - outside, "labelled row")} of ${count(rows)}: the others lie apart, or came first and are known less finely.`;
}
