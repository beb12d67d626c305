/** Cells along each side of a block. */
export const BLOCK_SIDE = 64;
const HALF = BLOCK_SIDE / 2;
const CELLS = BLOCK_SIDE * BLOCK_SIDE;
/** Blocks of a grid, each twice as wide as the one before it; the last one takes all that lies beyond, too. */
const LEVELS = 12;
/** Exponents of widths: with them neither a width nor its reciprocal is beyond the doubles. */
const LEAST_EXPONENT = -1_000;
const GREATEST_EXPONENT = 1_000;
/** Bits of the number of a cell, counted from zero. */
const MOST_BITS = 44;
/** Tenths of the predictions are about a cell apart or wider. */
const CELLS_IN_TENTHS = 10;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Where the pairs of a model version are expected: cells of 2^`exponent` around the `middle`-th one. */
export interface PairGrid {
  readonly exponent: number;
  readonly middle: number;
  /** 2^−`exponent`. */
  readonly scale: number;
}

/** @param middle - a whole number, below 2^46. */
export function pairGrid(exponent: number, middle: number): PairGrid {
  return { exponent, middle, scale: 2 ** -exponent };
}

/** The grid that suits predictions. @param edges - the nine values between their tenths. @returns undefined if the predictions do not differ. */
export function gridOfTenths(edges: ArrayLike<number>): PairGrid | undefined {
  const [least = Number.NaN, median = Number.NaN, greatest = Number.NaN] = [edges[0], edges[4], edges[8]];
  const width = greatest / CELLS_IN_TENTHS - least / CELLS_IN_TENTHS;
  if (!(width > 0)) return undefined;
  const fine = Math.max(exponentOf(width), exponentOf(median) - MOST_BITS);
  const exponent = Math.min(Math.max(fine, LEAST_EXPONENT), GREATEST_EXPONENT);
  return pairGrid(exponent, Math.floor(median * 2 ** -exponent));
}

/** The exponent of the highest bit of a double. */
function exponentOf(value: number): number {
  double[0] = value;
  return (((words[HIGH] ?? 0) >>> 20) & 0x7ff) - 1_023;
}

/**
 * The cell of a pair (y_pred, y_true). Cells are squares of 2^`exponent` whose edges are multiples of that, so four cells are one of the next
 * exponent, whichever grid they are of. A pair is in the smallest block around the grid's middle that holds it. Made once and set again for
 * each of millions of rows.
 */
export class PairCell {
  exponent = 0;
  /** The number of the first cell of its block on both axes, counted from zero. */
  origin = 0;
  /** Its number in the block: 64 · row + column, by y_true and y_pred. */
  cell = 0;

  /** @param grid - undefined: the block is as wide as the pair is far from zero. */
  set(yPred: number, yTrue: number, grid: PairGrid | undefined): void {
    if (grid === undefined) {
      this.#setBySize(yPred, yTrue);
      return;
    }
    const origin = grid.middle - HALF;
    const column = Math.floor(yPred * grid.scale) - origin;
    const row = Math.floor(yTrue * grid.scale) - origin;
    if (column >= 0 && column < BLOCK_SIDE && row >= 0 && row < BLOCK_SIDE) {
      this.exponent = grid.exponent;
      this.origin = origin;
      this.cell = row * BLOCK_SIDE + column;
      return;
    }
    this.#setWider(yPred, yTrue, grid);
  }

  #setWider(yPred: number, yTrue: number, grid: PairGrid): void {
    let { scale, middle, exponent } = grid;
    let [column, row] = [-1, -1];
    for (let level = 1; level < LEVELS && !(column >= 0 && column < BLOCK_SIDE && row >= 0 && row < BLOCK_SIDE); level += 1) {
      scale /= 2;
      middle = Math.floor(middle / 2);
      exponent += 1;
      column = Math.floor(yPred * scale) - middle + HALF;
      row = Math.floor(yTrue * scale) - middle + HALF;
    }
    this.exponent = exponent;
    this.origin = middle - HALF;
    this.cell = within(row) * BLOCK_SIDE + within(column);
  }

  #setBySize(yPred: number, yTrue: number): void {
    const size = Math.max(Math.abs(yPred), Math.abs(yTrue));
    // Below 2^(e + 1), which is half a block from zero.
    const exponent = Math.max(LEAST_EXPONENT, exponentOf(size) - 4);
    const scale = 2 ** -exponent;
    this.exponent = exponent;
    this.origin = -HALF;
    this.cell = within(Math.floor(yTrue * scale) + HALF) * BLOCK_SIDE + within(Math.floor(yPred * scale) + HALF);
  }
}

function within(cell: number): number {
  return Math.min(Math.max(cell, 0), BLOCK_SIDE - 1);
}

/** A block of cells as it is kept: runs of counts, each behind the number of its first cell. */
export interface SavedPairs {
  readonly exponent: number;
  readonly origin: number;
  readonly runs: readonly (readonly number[])[];
}

class Block {
  readonly exponent: number;
  readonly origin: number;
  /** The counts of each row that has pairs. */
  readonly #rows: (Float64Array | undefined)[] = [];

  constructor(exponent: number, origin: number) {
    this.exponent = exponent;
    this.origin = origin;
  }

  add(cell: number, times: number): void {
    const row = (this.#rows[Math.floor(cell / BLOCK_SIDE)] ??= new Float64Array(BLOCK_SIDE));
    const column = cell % BLOCK_SIDE;
    row[column] = (row[column] ?? 0) + times;
  }

  runs(): number[][] {
    const runs: number[][] = [];
    let run: number[] | undefined;
    for (let cell = 0; cell < CELLS; cell += 1) {
      const count = this.#rows[Math.floor(cell / BLOCK_SIDE)]?.[cell % BLOCK_SIDE] ?? 0;
      if (count === 0) run = undefined;
      else if (run === undefined) runs.push((run = [cell, count]));
      else run.push(count);
    }
    return runs;
  }
}

/**
 * Counts of pairs by their cells. The order does not matter, nor in which parts they were added.
 *
 * Memory: at most 32 kB for each block that occurs; pairs of a model that is not far off are in two or three.
 */
export class PairCells {
  #blocks: Block[] = [];

  add({ exponent, origin, cell }: PairCell, times = 1): void {
    this.blockAt(exponent, origin).add(cell, times);
  }

  /** A block, to be added to. */
  blockAt(exponent: number, origin: number): Block {
    let block = this.#blocks.find((each) => each.exponent === exponent && each.origin === origin);
    if (block === undefined) this.#blocks.push((block = new Block(exponent, origin)));
    return block;
  }

  /** Blocks that have pairs, ascending by the size of their cells and then by place. */
  save(): SavedPairs[] {
    return this.#blocks
      .toSorted((one, other) => one.exponent - other.exponent || one.origin - other.origin)
      .map((block) => ({ exponent: block.exponent, origin: block.origin, runs: block.runs() }))
      .filter(({ runs }) => runs.length > 0);
  }

  /** Adds what `save` returned. */
  merge(saved: readonly SavedPairs[]): void {
    for (const { exponent, origin, runs } of saved) {
      const block = this.blockAt(exponent, origin);
      for (const [first = 0, ...run] of runs) for (const [i, count] of run.entries()) block.add(first + i, count);
    }
  }
}

/** Blocks whose memory is kept for the next rows. */
const KEPT_BLOCKS = 16;

/** A block that is filled and emptied again and again: it knows which of its cells are not empty. */
class NewBlock {
  readonly exponent: number;
  readonly origin: number;
  readonly #counts = new Float64Array(CELLS);
  readonly #filled = new Uint16Array(CELLS);
  #count = 0;

  constructor({ exponent, origin }: PairCell) {
    this.exponent = exponent;
    this.origin = origin;
  }

  isOf({ exponent, origin }: PairCell): boolean {
    return this.exponent === exponent && this.origin === origin;
  }

  add(cell: number): void {
    const count = this.#counts[cell] ?? 0;
    if (count === 0) {
      this.#filled[this.#count] = cell;
      this.#count += 1;
    }
    this.#counts[cell] = count + 1;
  }

  addTo(cells: PairCells): void {
    if (this.#count === 0) return;
    const block = cells.blockAt(this.exponent, this.origin);
    for (let i = 0; i < this.#count; i += 1) {
      const cell = this.#filled[i] ?? 0;
      block.add(cell, this.#counts[cell] ?? 0);
    }
  }

  clear(): void {
    for (let i = 0; i < this.#count; i += 1) this.#counts[this.#filled[i] ?? 0] = 0;
    this.#count = 0;
  }
}

/** Pairs of some rows that are counted once, to be added to the cells of several windows. */
export class NewPairs {
  #blocks: NewBlock[] = [];
  /** The block that was used last: most pairs are in one. */
  #last: NewBlock | undefined;

  add(pair: PairCell): void {
    if (this.#last?.isOf(pair) !== true) this.#last = this.#blockOf(pair);
    this.#last.add(pair.cell);
  }

  #blockOf(pair: PairCell): NewBlock {
    let block = this.#blocks.find((each) => each.isOf(pair));
    if (block === undefined) this.#blocks.push((block = new NewBlock(pair)));
    return block;
  }

  addTo(cells: PairCells): void {
    for (const block of this.#blocks) block.addTo(cells);
  }

  /** Takes all pairs out. */
  clear(): void {
    if (this.#blocks.length > KEPT_BLOCKS) this.#blocks = [];
    this.#last = undefined;
    for (const block of this.#blocks) block.clear();
  }
}
