import type { RowGains } from "./row-gains.js";
import { UnitColumns } from "./unit-columns.js";

/** Stakes on the mean of a block may be so much larger than on one row: it varies less, and its gain is still at least −1. */
const WORSE_STAKE = 3;

/** Where each number of the block that is being filled stands in the state. */
const FILLED = 0;
const WORSE = 1;
const BETTER = 2;
const ROW = 3;
const TIME = 4;
const COUNT = 5;
const SUM = 6;
const SQUARES = 7;

/**
 * Gathers rows into blocks of a fixed number of rows; the gain of a block is the mean of its rows' gains. Used for rows that depend on each
 * other: given the past, the mean of a long block is expected to be hardly above that of all rows; the next row may be far above it.
 * The memory is used again.
 */
export class BlockGains extends UnitColumns {
  /** Doubles in the state of a block that is being filled. */
  static readonly doubles = 8;

  /** Behind the last row of each block, as an index into the rows that were given. */
  readonly ends: Float64Array;

  /** @param most - blocks that it has room for. */
  constructor(most: number) {
    super(most);
    this.ends = new Float64Array(most);
  }

  /**
   * Adds the first `n` rows.
   *
   * @param state - the block that is being filled; 0 for none. @param blockRows - rows of a block. @returns how many blocks are full now.
   */
  fill(state: Float64Array, gains: RowGains, n: number, blockRows: number): number {
    let blocks = 0;
    for (let i = 0; i < n; i += 1) {
      if (state[FILLED] === 0) begin(state, gains, i);
      state[WORSE] = (state[WORSE] ?? 0) + (gains.worse[i] ?? 0);
      state[BETTER] = (state[BETTER] ?? 0) + (gains.better[i] ?? 0);
      const filled = (state[FILLED] ?? 0) + 1;
      state[FILLED] = filled;
      if (filled < blockRows) continue;
      this.#end(state, blocks, i + 1, blockRows);
      blocks += 1;
    }
    return blocks;
  }

  #end(state: Float64Array, block: number, end: number, blockRows: number): void {
    this.worse[block] = (WORSE_STAKE * (state[WORSE] ?? 0)) / blockRows;
    this.better[block] = (state[BETTER] ?? 0) / blockRows;
    this.rows[block] = state[ROW] ?? 0;
    this.times[block] = state[TIME] ?? 0;
    this.counts[block] = state[COUNT] ?? 0;
    this.sums[block] = state[SUM] ?? 0;
    this.squares[block] = state[SQUARES] ?? 0;
    this.ends[block] = end;
    state[FILLED] = 0;
  }
}

function begin(state: Float64Array, { rows, times, counts, sums, squares }: RowGains, i: number): void {
  state.set([0, 0, 0, rows[i] ?? 0, times[i] ?? 0, counts[i] ?? 0, sums[i] ?? 0, squares[i] ?? 0]);
}
