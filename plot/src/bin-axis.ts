import type { Bin } from "@streamgauge/core";
import { edgeTexts, powerOf, powerText, shorten } from "./picture-text.js";

const STRIDES = [1, 2, 5, 10];
const TICK_GAP = 28;
// The tail's bar stands apart from the others, since its width means nothing.
const TAIL_START = 0.5;
const AFTER_TAIL = 0.25;

/** How bins are laid out along an axis whose unit is one bin, so that errors of every magnitude are drawn alike. */
export interface BinAxis {
  readonly length: number;
  readonly title: string;
  /** `at` is the middle of a bar that is one unit wide. */
  readonly bars: readonly { readonly at: number; readonly count: number; readonly isTail: boolean }[];
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** @returns where a value stands; the middle of the tail's bar for a value in the tail. */
  positionOf(value: number): number;
}

/**
 * @param bins - at least one, side by side, the last perhaps to Infinity.
 * @param unit - of the values, for the title.
 * @param width - of the axis in pixels, about.
 * @param measure - the width of a text in pixels.
 */
export function binAxis(bins: readonly Bin[], unit: string | undefined, width: number, measure: (text: string) => number): BinAxis {
  const tail = bins.find(({ to }) => to === Infinity);
  const equal = bins.filter((bin) => bin !== tail);
  const start = equal[0]?.from ?? 0;
  const end = equal.at(-1)?.to ?? 0;
  const tailAt = equal.length + TAIL_START + 0.5;
  const length = tail === undefined ? equal.length : tailAt + 0.5 + AFTER_TAIL;
  const positionOf = (value: number): number =>
    tail !== undefined && value >= end ? tailAt : ((value - start) / (end - start)) * equal.length;
  const power = powerOf(end);
  const tailTick = tail === undefined ? [] : [{ at: tailAt, text: `≥ ${edgeTexts([tail.from], power).join("")}` }];
  return {
    length,
    title: titleOf(unit === undefined ? undefined : shorten(unit, 0.6 * width, measure), power),
    bars: bins.map((bin, index) => ({ at: bin === tail ? tailAt : index + 0.5, count: bin.count, isTail: bin === tail })),
    ticks: [...edgeTicks(equal, power, { unitWidth: width / length, measure, tail: tailTick }), ...tailTick],
    positionOf,
  };
}

interface Tick {
  readonly at: number;
  readonly text: string;
}

interface Room {
  readonly unitWidth: number;
  readonly measure: (text: string) => number;
  readonly tail: readonly Tick[];
}

/** The edges at a plain distance (each, every second, fifth or tenth from zero on) whose labels have room. */
function edgeTicks(bins: readonly Bin[], power: number, { unitWidth, measure, tail }: Room): Tick[] {
  const edges = [...bins.map(({ from }) => from), bins.at(-1)?.to ?? 0];
  const widest = Math.max(...edgeTexts(edges, power).map(measure));
  const stride = STRIDES.find((candidate) => candidate * unitWidth >= widest + TICK_GAP) ?? bins.length;
  const fromZero = Math.round(((edges[0] ?? 0) / ((edges.at(-1) ?? 1) - (edges[0] ?? 0))) * bins.length);
  const shown = edges.map((edge, at) => ({ edge, at })).filter(({ at }) => (fromZero + at) % stride === 0);
  const texts = edgeTexts(
    shown.map(({ edge }) => edge),
    power,
  );
  const besideTail = ({ at, text }: Tick): boolean =>
    tail.some((other) => (other.at - at) * unitWidth < (measure(text) + measure(other.text)) / 2 + TICK_GAP);
  return shown.map(({ at }, index) => ({ at, text: texts[index] ?? "" })).filter((tick) => !besideTail(tick));
}

function titleOf(unit: string | undefined, power: number): string {
  const parts = [...(power === 0 ? [] : [`×${powerText(power)}`]), ...(unit === undefined ? [] : [unit])];
  return parts.length === 0 ? "Absolute error" : `Absolute error (${parts.join(" ")})`;
}
