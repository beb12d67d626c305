import type { FrameObject, FrameValue } from "../frame-layout.js";
import type { Cell, Column } from "../frame.js";
import { Ids } from "../ids.js";

/** A cell as JSON; a number in its shortest form that reads back to the same double. JSON.stringify writes -0 as 0. */
export function cellText(cell: Cell | undefined): string {
  if (typeof cell !== "number") return JSON.stringify(cell ?? null);
  if (!Number.isFinite(cell)) return "null";
  return Object.is(cell, -0) ? "-0" : `${cell}`;
}

/** A column as a JSON array. */
export function columnText(column: Column): string {
  if (!(column instanceof Float64Array)) return `[${column.map(cellText).join(",")}]`;
  // In one call it is the fastest; looking for -0 costs next to nothing.
  if (!column.some((value) => Object.is(value, -0))) return JSON.stringify(Array.from(column));
  return `[${Array.from(column, cellText).join(",")}]`;
}

/** An object whose values are JSON already. */
export function objectText(entries: Iterable<readonly [name: string, json: string]>): string {
  let text = "";
  for (const [name, json] of entries) text += `${text === "" ? "{" : ","}${JSON.stringify(name)}:${json}`;
  return text === "" ? "{}" : `${text}}`;
}

/** A frame as a JSON object. */
export function frameText(frame: FrameObject): string {
  return objectText(frame.map(([name, value]) => [name, valueText(value)]));
}

function valueText(value: FrameValue): string {
  if (value instanceof Ids) return JSON.stringify(value.toArray());
  if (value instanceof Map) return objectText(Array.from(value, ([name, cells]) => [name, valueText(cells)]));
  if (value instanceof Float64Array || Array.isArray(value)) return columnText(value);
  return typeof value === "number" || typeof value === "string" || value === null ? cellText(value) : "null";
}
