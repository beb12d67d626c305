import {
  LabelledRows,
  NewPairs,
  startOf,
  TENTHS,
  WINDOW_SIZES,
  WorstRows,
  type ErrorWindow,
  type LabelledRow,
  type WorstRow,
} from "@streamgauge/core/windows";

const MINUTE_MS = WINDOW_SIZES[0].ms;

/**
 * Labelled rows of one minute and one model version that come one after the other. They are counted once, and then added to the windows of
 * all sizes together: that is three times cheaper than row by row, and gives the same windows to the last bit.
 */
export class RowRun {
  #model = "";
  /** The first moment of the minute, and the first one after it; ms since 1970. */
  #from = Infinity;
  #to = -Infinity;
  readonly #rows = new LabelledRows();
  readonly #pairs = new NewPairs();
  /** Rows whose prediction was not counted before, by tenth, and when the last of them was predicted. */
  readonly #predicted = new Float64Array(TENTHS);
  #predictedAt = 0;
  #count = 0;
  readonly #worst = new WorstRows();
  /** Rows with smaller errors are not among the worst of their minute. */
  #floor = -1;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** The first moment of its minute, ms since 1970. */
  get start(): number {
    return this.#from;
  }

  /** Whether a row belongs to it. */
  holds(eventTime: number, model: string): boolean {
    return eventTime >= this.#from && eventTime < this.#to && model === this.#model;
  }

  /** Begins a run with the row that comes next. It must be empty. @param floor - of the worst rows of the smallest window; see `WorstRows`. */
  begin(eventTime: number, model: string, floor: number): void {
    this.#floor = floor;
    this.#model = model;
    this.#from = startOf(eventTime, MINUTE_MS);
    this.#to = this.#from + MINUTE_MS;
  }

  /** A label of a prediction that was counted. */
  label(row: LabelledRow): void {
    this.#count += 1;
    this.#rows.add(row);
    this.#pairs.add(row.pair);
  }

  /** A prediction and its label. @param predictedAt - when the prediction came in, ms since 1970. */
  pair(row: LabelledRow, predictedAt: number): void {
    this.label(row);
    this.#predicted[row.tenth] = (this.#predicted[row.tenth] ?? 0) + 1;
    if (predictedAt > this.#predictedAt) this.#predictedAt = predictedAt;
  }

  /** Whether the row that was added last may be among the worst of its minute: then it must be ranked. */
  mayBeWorst({ error }: LabelledRow): boolean {
    return error.absolute > this.#floor;
  }

  /** The row that was added last, as it is ranked. */
  rank(row: WorstRow): void {
    this.#worst.offer(row);
    this.#floor = Math.max(this.#floor, this.#worst.floor);
  }

  /** Nobody knows which row was added last: it cannot be ranked. */
  miss({ error }: LabelledRow): void {
    this.#worst.miss(error.absolute);
  }

  /** Adds its rows to windows that hold the minute, and is empty then. */
  moveTo(windows: readonly ErrorWindow[]): void {
    const total = this.#rows.total();
    const worst = this.#worst.save();
    for (const window of windows) {
      for (const [tenth, count] of this.#predicted.entries()) if (count > 0) window.predict(tenth, this.#predictedAt, count);
      window.label(this.#model, this.#rows, this.#pairs, total);
      window.worst.merge(worst, this.#worst.missing);
    }
    this.#rows.clear();
    this.#pairs.clear();
    this.#worst.clear();
    this.#predicted.fill(0);
    this.#predictedAt = 0;
    this.#count = 0;
    this.#to = -Infinity;
  }
}
