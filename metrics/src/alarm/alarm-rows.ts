/** Logged rows of one model in the order of the log, in columns of shape [n]. */
export interface AlarmRows {
  /** Absolute errors; Infinity and NaN count as infinite. */
  readonly errors: Float64Array;
  /** Rows of the log, counted from 1. */
  readonly rows: Float64Array;
  /** Event times, ms since 1970; NaN if a row has none. */
  readonly times: Float64Array;
}

const FIRST_ROWS = 64;

/** Gathers the rows of a commit. */
export class GatheredRows {
  #errors = new Float64Array(FIRST_ROWS);
  #rows = new Float64Array(FIRST_ROWS);
  #times = new Float64Array(FIRST_ROWS);
  #length = 0;

  add(error: number, row: number, time: number): void {
    if (this.#length === this.#errors.length) this.#grow();
    this.#errors[this.#length] = error;
    this.#rows[this.#length] = row;
    this.#times[this.#length] = time;
    this.#length += 1;
  }

  #grow(): void {
    const wider = (column: Float64Array) => {
      const larger = new Float64Array(2 * column.length);
      larger.set(column);
      return larger;
    };
    this.#errors = wider(this.#errors);
    this.#rows = wider(this.#rows);
    this.#times = wider(this.#times);
  }

  /** The rows since the last call, in memory that is used again. */
  take(): AlarmRows {
    const length = this.#length;
    this.#length = 0;
    return { errors: this.#errors.subarray(0, length), rows: this.#rows.subarray(0, length), times: this.#times.subarray(0, length) };
  }
}
