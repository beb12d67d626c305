/** Points. */
export const WIDTH = 1200;
// Sharp on a phone and in print. Encoding the PNG is most of the work: measured 29 ms at 1, 50 ms at 1.5, 88 ms at 2.
export const PIXELS_PER_POINT = 1.5;
export const MARGIN = 24;
export const INK = "#1f2933";
export const QUIET_INK = "#4a5560";
