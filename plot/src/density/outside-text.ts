import { countText } from "../picture-text.js";

/** What a picture says of rows that are beyond its axes; nothing of none. */
export function outsideText(rows: number): string[] {
  if (rows === 0) return [];
  return [`${countText(rows)} ${rows === 1 ? "row is" : "rows are"} far from the others, beyond the axes`];
}
