/** Logged rows of one model in the order of the log, in columns of shape [n]. */
export interface AlarmRows {
  /** Absolute errors; Infinity and NaN count as infinite. */
  readonly errors: Float64Array;
  /** Rows of the log, counted from 1. */
  readonly rows: Float64Array;
  /** Event times, ms since 1970; NaN if a row has none. */
  readonly times: Float64Array;
}
