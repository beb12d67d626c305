import type { FrameObject, FrameValue } from "../frame-layout.js";
import type { Cell, Column } from "../frame.js";
import { Ids } from "../ids.js";

/** A cell as JSON; a number in its shortest form that reads back to the same double. JSON.stringify writes -0 as 0. */
function cellText(cell: Cell | undefined): string {
  if (typeof cell !== "number") return JSON.stringify(cell ?? null);
  if (!Number.isFinite(cell)) return "null";
  return Object.is(cell, -0) ? "-0" : `${cell}`;
}

/** A column as a JSON array. */
function columnText(column: Column): string {
  if (!(column instanceof Float64Array)) return `[${column.map(cellText).join(",")}]`;
  // In one call it is the fastest; looking for -0 costs next to nothing.
  if (!column.some((value) => Object.is(value, -0))) return JSON.stringify(Array.from(column));
  return `[${Array.from(column, cellText).join(",")}]`;
}

/** A frame, or an object in it, as a JSON object. */
export function frameText(entries: FrameObject | ReadonlyMap<string, FrameValue>): string {
  let text = "";
  for (const [name, value] of entries) text += `${text === "" ? "{" : ","}${JSON.stringify(name)}:${valueText(value)}`;
  return text === "" ? "{}" : `${text}}`;
}

function valueText(value: FrameValue): string {
  // Cells first: a message of one row has nothing else.
  if (typeof value === "number" || typeof value === "string" || value === null) return cellText(value);
  if (value instanceof Ids) return JSON.stringify(value.toArray());
  if (value instanceof Map) return frameText(value);
  return value instanceof Float64Array || Array.isArray(value) ? columnText(value) : "null";
}
