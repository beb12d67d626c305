import Type from "typebox";
import { quote, type Refusal } from "../refusal.js";
import type { Cell, Column } from "./frame.js";
import type { Ids } from "./ids.js";
import { requireLength } from "./rows-of.js";

/** The name of half widths: a property of a frame as an object, a column of a frame as a table. */
export const HALF_WIDTH = "half_width";

/** Its type in a table, for people. */
export const HALF_WIDTH_TYPE = "float64; nullable, and may be left out";

/** The interval of a prediction. */
export const HalfWidthSchema = Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
  description: "The interval announced with the prediction is y_pred ± half_width; null if there is none. Coverage is scored by it.",
});
export const HalfWidthsSchema = Type.Array(HalfWidthSchema, { description: "The interval of each prediction, y_pred ± half_width." });

function isHalfWidth(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/**
 * Checks the half widths of a frame.
 *
 * @param values - as they came: one value an id, null for a row without one; undefined if the frame has none.
 * @param refusals - gets one for each value that is no half width.
 * @returns shape [ids]; NaN for a row without one. Undefined if no row has one.
 * @throws FrameRefusedError if their number is not that of the ids.
 */
export function checkHalfWidths(values: ArrayLike<unknown> | undefined, ids: Ids, refusals: Refusal[]): Float64Array | undefined {
  if (values === undefined) return undefined;
  requireLength(HALF_WIDTH, values.length, ids.length);
  const widths = new Float64Array(values.length);
  for (let row = 0; row < widths.length; row += 1) {
    const value = values[row];
    // -0 becomes 0.
    if (isHalfWidth(value)) widths[row] = value + 0;
    else {
      widths[row] = Number.NaN;
      if (value === null) continue;
      const reason = `not a half width, got ${quote(value)}: send a finite number of at least 0, or null`;
      refusals.push({ row, id: ids.at(row), field: HALF_WIDTH, reason });
    }
  }
  return widths.every(Number.isNaN) ? undefined : widths;
}

/** The half widths of these rows; undefined if none of them has one. */
export function takeHalfWidths(widths: Float64Array | undefined, rows: readonly number[]): Float64Array | undefined {
  const taken = widths === undefined ? undefined : Float64Array.from(rows, (row) => widths[row] ?? Number.NaN);
  return taken?.every(Number.isNaN) === true ? undefined : taken;
}

/** Half widths as a column: null for a row without one. */
export function halfWidthColumn(widths: Float64Array): Column {
  if (!widths.some(Number.isNaN)) return widths;
  return Array.from(widths, (width): Cell => (Number.isNaN(width) ? null : width));
}
