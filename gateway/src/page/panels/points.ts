import { shape } from "../dom.js";
import { figure } from "../format.js";
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
  readonly line: Straight;
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

function drawing(points: readonly Point[], options: PointsOptions, width: number): SVGSVGElement {
  const { label, xAxis, yAxis, line, height = 280 } = options;
  const [right, base] = [width - MARGIN.right, height - MARGIN.bottom];
  const x = axisOf(
    points.map((point) => point.x),
    (right - MARGIN.left) / TICK_WIDTH,
  );
  const spanned = points.flatMap(({ y, spread = 0 }) => [y - spread, y + spread]);
  const y = axisOf([...spanned, line.at + line.slope * x.from, line.at + line.slope * x.to], (base - MARGIN.top) / TICK_HEIGHT);
  const left = (value: number) => MARGIN.left + ((value - x.from) / (x.to - x.from)) * (right - MARGIN.left);
  const top = (value: number) => base - ((value - y.from) / (y.to - y.from)) * (base - MARGIN.top);
  const picture = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (const tick of x.ticks) {
    picture.append(shape("line", { x1: left(tick), x2: left(tick), y1: base, y2: base + 5 }));
    picture.append(shape("text", { x: left(tick), y: base + 17, "text-anchor": "middle" }, figure(tick)));
  }
  for (const tick of y.ticks) {
    picture.append(shape("line", { x1: MARGIN.left, x2: right, y1: top(tick), y2: top(tick) }));
    picture.append(shape("text", { x: MARGIN.left - 6, y: top(tick) + 4, "text-anchor": "end" }, figure(tick)));
  }
  const ideal = { x1: left(x.from), x2: left(x.to), y1: top(line.at + line.slope * x.from), y2: top(line.at + line.slope * x.to) };
  const straight = shape("line", { class: "ideal", ...ideal });
  straight.append(shape("title", {}, line.title));
  picture.append(straight);
  for (const { x: across, y: up, spread, title } of points) {
    if (spread !== undefined) {
      picture.append(shape("line", { class: "whisker", x1: left(across), x2: left(across), y1: top(up - spread), y2: top(up + spread) }));
    }
    const dot = shape("circle", { cx: left(across), cy: top(up), r: 4.5 });
    dot.append(shape("title", {}, title));
    picture.append(dot);
  }
  picture.append(shape("text", { x: (MARGIN.left + right) / 2, y: height - 4, "text-anchor": "middle" }, xAxis));
  picture.append(shape("text", { x: MARGIN.left, y: 9, "text-anchor": "start" }, yAxis));
  return picture;
}

/** A range that holds all values, with labels at round numbers within it. @param most - labels. */
export function axisOf(values: readonly number[], most: number): Axis {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const padding = (greatest - least) * 0.05 || Math.abs(least) * 0.05 || 1;
  const [from, to] = [least - padding, greatest + padding];
  const step = roundStep((to - from) / Math.max(2, most));
  const first = Math.ceil(from / step);
  const ticks = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
  return { from, to, ticks };
}

/** The next 1, 2 or 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5].find((factor) => factor * power >= step) ?? 10);
}
