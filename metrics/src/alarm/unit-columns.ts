import type { WatchedUnits } from "./e-detector.js";
import type { AlarmKind } from "./raised-alarm.js";

/** The columns of units that are watched, rows or blocks of rows: what each gains on "worse" and on "better", and what is known of it. */
export class UnitColumns implements WatchedUnits, Readonly<Record<AlarmKind, Float64Array>> {
  readonly worse: Float64Array;
  readonly better: Float64Array;
  readonly rows: Float64Array;
  readonly times: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly squares: Float64Array;

  /** @param length - of each column. */
  constructor(length: number) {
    this.worse = new Float64Array(length);
    this.better = new Float64Array(length);
    this.rows = new Float64Array(length);
    this.times = new Float64Array(length);
    this.counts = new Float64Array(length);
    this.sums = new Float64Array(length);
    this.squares = new Float64Array(length);
  }
}
