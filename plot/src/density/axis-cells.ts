/** Halvings of the finest cells: a scale has 2^10 of them. */
export const FINEST = 10;
/** Bits of a double's mantissa in its high word. */
const HIGH_BITS = 20;
const BIAS = 1023;
/** Doublings after which a distance is beyond the largest double. */
const DOUBLINGS = 1024;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Divides the numbers into cells around a centre. Up to one scale away from it all cells are equally wide; farther away they are twice as wide
 * each time that the distance and the scale together have doubled, as in HdrHistogram. So a number of any magnitude has a cell, and those in
 * the middle have fine ones.
 *
 * A cell of level n is one of 2^n to a scale; two cells 2i and 2i + 1 of a level are the cell i of the level below.
 */
export class AxisCells {
  readonly centre: number;
  readonly scale: number;
  readonly #halfCentre: number;
  readonly #halfScale: number;

  /** @param scale - from 1e-290 to 1e300. */
  constructor(centre: number, scale: number) {
    this.centre = centre;
    this.scale = scale;
    this.#halfCentre = centre / 2;
    this.#halfScale = scale / 2;
  }

  /** The cell of the finest level that holds a value, which may be infinite. */
  cellOf(value: number): number {
    // Halves, since the distance of two doubles may be beyond them.
    const distance = value / 2 - this.#halfCentre;
    double[0] = 1 + Math.abs(distance) / this.#halfScale;
    // Exponent and upper bits of the mantissa, read as one number, grow with the distance: equally within a doubling.
    const cell = ((words[HIGH] ?? 0) >>> (HIGH_BITS - FINEST)) - (BIAS << FINEST);
    return distance < 0 ? -1 - cell : cell;
  }

  /** Whether a cell of a level holds numbers that are, or may be, farther away than the largest double. */
  static isBeyond(cell: number, level: number): boolean {
    return (cell < 0 ? -1 - cell : cell) >> level >= DOUBLINGS - 1;
  }

  /** Where a cell of a level begins, in scales from the centre. Cell i ends where i + 1 begins. */
  static edge(cell: number, level: number): number {
    if (cell < 0) return -AxisCells.edge(-cell, level);
    const doublings = cell >> level;
    const part = (cell & ((1 << level) - 1)) / (1 << level);
    return 2 ** doublings * (1 + part) - 1;
  }
}
