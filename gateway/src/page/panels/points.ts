import { shape } from "../dom.js";
import { axisFigure } from "../format.js";
import type { Drawn } from "./drawing.js";

/** A point of a drawing. */
export interface Point {
  readonly x: number;
  readonly y: number;
  /** How far its whisker goes up and down; none if it is missing. */
  readonly spread?: number;
  /** For a pointer that rests on it. */
  readonly title: string;
}

/** A straight line to compare with: y = at + slope · x. */
export interface Straight {
  readonly at: number;
  readonly slope: number;
  readonly title: string;
}

export interface PointsOptions {
  readonly label: string;
  readonly xAxis: string;
  readonly yAxis: string;
  /** Undefined: there is none. */
  readonly line: Straight | undefined;
  readonly height?: number;
}

/** A range of an axis, and where it has labels. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

const MARGIN = { left: 64, right: 12, top: 12, bottom: 40 };
/** Pixels that a label takes on each axis. */
const [TICK_WIDTH, TICK_HEIGHT] = [72, 36];

/** Points over two axes, and a line that they should lie on. */
export function drawnPoints(points: readonly Point[], options: PointsOptions): Drawn {
  return {
    key: JSON.stringify([options, points]),
    draw: (width) => (points.length === 0 ? undefined : drawing(points, options, width)),
  };
}

/** Where values are drawn, in pixels. */
interface Places {
  readonly x: Axis;
  readonly y: Axis;
  readonly right: number;
  readonly base: number;
  readonly left: (x: number) => number;
  readonly top: (y: number) => number;
}

function drawing(points: readonly Point[], options: PointsOptions, width: number): SVGSVGElement {
  const { label, xAxis, yAxis, line, height = 280 } = options;
  const places = placesOf(points, line, width - MARGIN.right, height - MARGIN.bottom);
  const picture = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  picture.append(
    ...ticks(places),
    ...(line === undefined ? [] : [straight(line, places)]),
    ...points.flatMap((point) => dot(point, places)),
  );
  picture.append(shape("text", { x: (MARGIN.left + places.right) / 2, y: height - 4, "text-anchor": "middle" }, xAxis));
  picture.append(shape("text", { x: MARGIN.left, y: 9, "text-anchor": "start" }, yAxis));
  return picture;
}

function placesOf(points: readonly Point[], line: Straight | undefined, right: number, base: number): Places {
  const across = points.map((point) => point.x);
  const x = axisOf(across, (right - MARGIN.left) / TICK_WIDTH);
  const up = points.flatMap((point) => [point.y - (point.spread ?? 0), point.y + (point.spread ?? 0)]);
  const ends = line === undefined ? [] : [x.from, x.to].map((end) => line.at + line.slope * end);
  const y = axisOf([...up, ...ends], (base - MARGIN.top) / TICK_HEIGHT);
  const left = (value: number) => MARGIN.left + ((value - x.from) / (x.to - x.from)) * (right - MARGIN.left);
  const top = (value: number) => base - ((value - y.from) / (y.to - y.from)) * (base - MARGIN.top);
  return { x, y, right, base, left, top };
}

function ticks({ x, y, right, base, left, top }: Places): SVGElement[] {
  const below = x.ticks.flatMap((tick) => [
    shape("line", { x1: left(tick), x2: left(tick), y1: base, y2: base + 5 }),
    shape("text", { x: left(tick), y: base + 17, "text-anchor": "middle" }, axisFigure(tick)),
  ]);
  const beside = y.ticks.flatMap((tick) => [
    shape("line", { x1: MARGIN.left, x2: right, y1: top(tick), y2: top(tick) }),
    shape("text", { x: MARGIN.left - 6, y: top(tick) + 4, "text-anchor": "end" }, axisFigure(tick)),
  ]);
  return [...below, ...beside];
}

function straight({ at, slope, title }: Straight, { x, left, top }: Places): SVGElement {
  const ends = { x1: left(x.from), x2: left(x.to), y1: top(at + slope * x.from), y2: top(at + slope * x.to) };
  const line = shape("line", { class: "ideal", ...ends });
  line.append(shape("title", {}, title));
  return line;
}

/** A point, on its whisker. */
function dot({ x, y, spread, title }: Point, { left, top }: Places): SVGElement[] {
  const circle = shape("circle", { cx: left(x), cy: top(y), r: 4.5 });
  circle.append(shape("title", {}, title));
  if (spread === undefined) return [circle];
  return [shape("line", { class: "whisker", x1: left(x), x2: left(x), y1: top(y - spread), y2: top(y + spread) }), circle];
}

/** A range that holds all values, with labels at round numbers within it. @param most - labels. */
export function axisOf(values: readonly number[], most: number): Axis {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const padding = (greatest - least) * 0.05 || Math.abs(least) * 0.05 || 1;
  const [from, to] = [least - padding, greatest + padding];
  return { from, to, ticks: ticksWithin(from, to, most) };
}

/** Round numbers within a range. @param most - of them. */
export function ticksWithin(from: number, to: number, most: number): number[] {
  return multiplesWithin(from, to, roundStep(to / Math.max(2, most) - from / Math.max(2, most)));
}

/** The multiples of a step within a range. */
export function multiplesWithin(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) => (first + i) * step);
}

/** Round steps that suit a range of any size, ascending: the least gives hundreds of labels, the greatest one or two. */
export function stepsFor(from: number, to: number): number[] {
  const power = Math.floor(Math.log10(to / 2 - from / 2));
  const powers = [-2, -1, 0].map((more) => 10 ** (power + more));
  return powers.flatMap((each) => [each, 2 * each, 5 * each]).filter(Number.isFinite);
}

/** The next 1, 2 or 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5].find((factor) => factor * power >= step) ?? 10);
}
