import { decadeOf, decimalNumber } from "@streamgauge/core";
import { AxisCells } from "./axis-cells.js";

const LEAST_SCALE = 1e-290;
const MOST_SCALE = 1e300;
/** How far a multiple of a step may be from it by rounding, in steps, and the most steps for which that is enough. */
const ROUNDING = 1e-6;
const MOST_STEPS = 1e9;
/** A step of the values smaller than a scale by so many decades is finer than any bin. */
const STEP_DECADES = 3;

/**
 * Cells for values such as these: a scale is as wide as the middle four fifths of them.
 *
 * @param values - finite. @param labels - those of them that may be whole numbers, or other multiples of a step.
 */
export function fitCells(values: readonly number[], labels: readonly number[]): AxisCells {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [median, spread] = [at(0.5), at(0.9) - at(0.1)];
  const scale = bounded(spread > 0 ? spread : Math.abs(median) / 10);
  const step = stepOf(labels, scale);
  if (step === undefined) return new AxisCells(median, scale);
  // Such labels stand in the middle of cells, and each bin holds as many steps.
  return new AxisCells((Math.round(median / step) + 0.5) * step, step * 2 ** Math.ceil(Math.log2(scale / step)));
}

/** Cells around zero. */
export function fitCellsAroundZero(values: readonly number[]): AxisCells {
  const sizes = Float64Array.from(values, Math.abs)
    .filter((size) => size > 0 && size < Infinity)
    .sort();
  return new AxisCells(0, bounded(sizes[Math.round(0.9 * (sizes.length - 1))] ?? 0));
}

function bounded(scale: number): number {
  return scale === 0 ? 1 : Math.min(Math.max(scale, LEAST_SCALE), MOST_SCALE);
}

/** The largest power of ten that all values are multiples of, unless it is far below the scale. */
function stepOf(values: readonly number[], scale: number): number | undefined {
  const top = decadeOf(scale);
  for (let exponent = top; exponent > top - STEP_DECADES; exponent -= 1) {
    const step = decimalNumber(1, exponent);
    const isMultiple = (value: number) =>
      Math.abs(value / step) < MOST_STEPS && Math.abs(value / step - Math.round(value / step)) < ROUNDING;
    if (values.every(isMultiple)) return step;
  }
  return undefined;
}
