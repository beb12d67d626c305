import { shape } from "../dom.js";
import { axisFigure, figure } from "../format.js";
import type { Drawn } from "./drawing.js";

/** A bar of a drawing. */
export interface Bar {
  /** Where it begins and ends on the axis; null: it gathers all beyond. */
  readonly from: number | null;
  readonly to: number | null;
  readonly value: number;
  /** For a pointer that rests on it. */
  readonly title: string;
}

/** A bar with its place among the others, as shares of the width. */
interface Placed extends Bar {
  readonly x: number;
  readonly width: number;
}

const MARGIN = { left: 56, right: 8, top: 8, bottom: 36 };

export interface BarsOptions {
  /** In pixels, as it is shown: its texts are as large as any. */
  readonly width: number;
  readonly label: string;
  readonly axis: string;
  readonly height?: number;
  /** Text of a value at the top of the axis. */
  readonly textOf: (value: number) => string;
  /** Texts below the bars, in place of their edges. */
  readonly names?: readonly string[];
}

/** Bars side by side. */
export function drawnBars(bars: readonly Bar[], options: Omit<BarsOptions, "width">): Drawn {
  return {
    key: JSON.stringify([options.label, bars]),
    draw: (width) => (bars.length === 0 ? undefined : barsDrawing(bars, { ...options, width })),
  };
}

function barsDrawing(bars: readonly Bar[], { width: whole, label, axis, height = 240, textOf, names }: BarsOptions): SVGSVGElement {
  const most = Math.max(...bars.map(({ value }) => value)) || 1;
  const inner = { width: whole - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const base = MARGIN.top + inner.height;
  const picture = shape("svg", { viewBox: `0 0 ${whole} ${height}`, role: "img", "aria-label": label });
  const placed = placesOf(bars);
  const left = (share: number) => MARGIN.left + share * inner.width;
  for (const { x, width, value, title } of placed) {
    const tall = (value / most) * inner.height;
    const bar = shape("rect", { x: left(x) + 1, y: base - tall, width: Math.max(1, width * inner.width - 2), height: tall });
    bar.append(shape("title", {}, title));
    picture.append(bar);
  }
  picture.append(shape("line", { x1: MARGIN.left, x2: whole - MARGIN.right, y1: base, y2: base }));
  for (const { x, text } of names === undefined ? edgeLabels(placed, Math.max(2, Math.floor(inner.width / 64))) : nameLabels(placed, names))
    picture.append(shape("text", { x: left(x), y: base + 14, "text-anchor": x === 1 ? "end" : "middle" }, text));
  picture.append(shape("text", { x: MARGIN.left - 6, y: MARGIN.top + 10, "text-anchor": "end" }, textOf(most)));
  picture.append(shape("text", { x: MARGIN.left - 6, y: base, "text-anchor": "end" }, "0"));
  picture.append(shape("text", { x: MARGIN.left + inner.width / 2, y: height - 4, "text-anchor": "middle" }, axis));
  return picture;
}

/** Places by the edges of the bars; one without an end is as wide as its neighbours. */
export function placesOf(bars: readonly Bar[]): Placed[] {
  const widest = Math.max(0, ...bars.map(({ from, to }) => (from === null || to === null ? 0 : to - from)));
  const edges = bars.map(({ from, to }): [number, number] => [from ?? (to ?? 0) - widest, to ?? (from ?? 0) + widest]);
  const least = edges[0]?.[0] ?? 0;
  const span = (edges.at(-1)?.[1] ?? 1) - least;
  return bars.map((bar, i) => {
    const [from, to] = edges[i] ?? [0, 0];
    return { ...bar, x: (from - least) / span, width: (to - from) / span };
  });
}

/** Some edges, and where a tail begins. @param most - as many as there is room for. */
function edgeLabels(placed: readonly Placed[], most: number): { x: number; text: string }[] {
  const inner = placed.filter(({ from, to }) => from !== null && to !== null);
  const every = Math.ceil(inner.length / most);
  const zero = Math.max(
    0,
    inner.findIndex(({ from }) => from === 0),
  );
  const [first, last] = [placed[0], placed.at(-1)];
  const tails = [
    ...(first?.from === null ? [{ x: first.x + first.width / 2, text: `< ${axisFigure(first.to)}` }] : []),
    ...(last?.to === null ? [{ x: 1, text: `≥ ${axisFigure(last.from)}` }] : []),
  ];
  const room = 1 / most;
  return [
    ...inner
      .filter((_, i) => (i - zero) % every === 0)
      .map(({ x, from }) => ({ x, text: axisFigure(from) }))
      .filter(({ x }) => tails.every((tail) => Math.abs(tail.x - x) > room)),
    ...tails,
  ];
}

function nameLabels(placed: readonly Placed[], names: readonly string[]): { x: number; text: string }[] {
  return placed.map(({ x, width }, i) => ({ x: x + width / 2, text: names[i] ?? "" }));
}

/** The text of a bin's edges. */
export function binText({ from, to }: Pick<Bar, "from" | "to">): string {
  if (to === null) return `from ${figure(from)}`;
  return from === null ? `below ${figure(to)}` : `${figure(from)} to ${figure(to)}`;
}
