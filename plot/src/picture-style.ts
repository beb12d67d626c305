/** Points. */
export const WIDTH = 1200;
// Sharp on a phone and in print. Encoding the PNG is most of the work: measured 29 ms at 1, 50 ms at 1.5, 88 ms at 2.
export const PIXELS_PER_POINT = 1.5;
export const MARGIN = 24;
export const INK = "#1f2933";
export const QUIET_INK = "#4a5560";
export const GRID = "#e3e7eb";
export const TEXT_SIZE = 28;
// Okabe and Ito's colours, which colour-blind readers tell apart; the ones that carry white text are darkened to a
// contrast of at least 4.5.
export const PALE_BLUE = "#8cc5e8";
export const BLUE = "#005a92";
export const ORANGE = "#a84300";

/** A position at the edge of a pixel: areas that end within one leave a pale line between them. */
export function onPixel(position: number): number {
  return Math.round(position * PIXELS_PER_POINT) / PIXELS_PER_POINT;
}
