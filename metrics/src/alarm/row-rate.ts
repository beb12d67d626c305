const DAY_MS = 86_400_000;
/** The least time that a rate is taken over. */
const LEAST_MS = 1_000;

const DAY_START = 0;
const DAY_COUNT = 1;
const BEFORE_START = 2;
const BEFORE_COUNT = 3;
const LATEST = 4;

/** How many rows come in a time, by the event times of the rows, over the last one to two days of them. */
export class RowRate {
  /** Doubles in the state. */
  static readonly doubles = 5;

  readonly state = Float64Array.of(Number.NaN, 0, Number.NaN, 0, Number.NaN);

  /** Counts a row. @param time - ms since 1970; NaN counts the row at the latest time so far. */
  add(time: number): void {
    const { state } = this;
    if (!(time <= (state[LATEST] ?? 0)) && Number.isFinite(time)) this.#moveOn(time);
    state[DAY_COUNT] = (state[DAY_COUNT] ?? 0) + 1;
  }

  #moveOn(time: number): void {
    const { state } = this;
    const [start = Number.NaN, count = 0] = state;
    if (Number.isNaN(start)) state[DAY_START] = state[BEFORE_START] = time;
    else if (time - start >= DAY_MS) state.set([time, 0, start, count]);
    state[LATEST] = time;
  }

  /** Rows that come in so many ms at the current rate; undefined while no row has a time. */
  rowsIn(ms: number): number | undefined {
    const { state } = this;
    const span = (state[LATEST] ?? 0) - (state[BEFORE_START] ?? 0);
    const count = (state[DAY_COUNT] ?? 0) + (state[BEFORE_COUNT] ?? 0);
    return Number.isNaN(span) ? undefined : (count / Math.max(LEAST_MS, span)) * ms;
  }
}
