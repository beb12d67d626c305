import { textWidth } from "./chart-renderer.js";
import { powerText, shorten } from "./picture-text.js";

/** The name of an axis with its unit and power of ten, if there are such. @param width - of the axis, in points. */
export function axisTitle(name: string, unit: string | undefined, power: number, width: number): string {
  const powers = power === 0 ? [] : [`×${powerText(power)}`];
  const room = width - textWidth(`${name} ()${powers.join("")}`);
  const parts = [...powers, ...(unit === undefined ? [] : [shorten(unit, Math.max(0.3 * width, room), textWidth)])];
  return parts.length === 0 ? name : `${name} (${parts.join(" ")})`;
}
