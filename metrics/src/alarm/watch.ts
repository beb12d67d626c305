import type { AlarmRows } from "./alarm-rows.js";
import type { Baseline } from "./baseline.js";
import { BlockGains } from "./block-gains.js";
import { DETECTOR_DOUBLES, EDetector } from "./e-detector.js";
import type { AlarmKind } from "./raised-alarm.js";
import { RowGains } from "./row-gains.js";
import type { UnitColumns } from "./unit-columns.js";

/** Rows that are watched in one step, at most. */
export const PIECE_ROWS = 1_024;
/** A better model is watched for at a tenth of the budget of false alarms. */
export const BETTER_LIMIT = 10;

/** What rows are watched by. */
export interface WatchOptions {
  readonly baseline: Baseline;
  /** Rows of a block, whose mean is watched in place of each row; 1 for rows that do not depend on each other. */
  readonly blockRows: number;
  /** N: rows between two false alarms of the kind "worse", at least, on average. */
  readonly every: number;
}

/** What became of rows. */
export interface Watched {
  /** How many were taken in: up to the alarm, if they raise one. */
  readonly taken: number;
  readonly kind?: AlarmKind;
}

/** The rows before and since a change, all since the last restart. */
export interface Change {
  /** The row of the log with which the change began, and its event time. */
  readonly row: number;
  readonly time: number;
  readonly before: { readonly count: number; readonly sum: number };
  readonly since: { readonly count: number; readonly sum: number; readonly squares: number };
}

/** Where the sums since the last restart stand in the state, behind the two detectors and the block. */
const COUNT = 2 * DETECTOR_DOUBLES + BlockGains.doubles;
const SUM = COUNT + 1;
const SQUARES = SUM + 1;

/** Used for one piece after another, of all models. */
const rowGains = new RowGains(PIECE_ROWS);
const blockGains = new BlockGains(PIECE_ROWS / 2);

/** Watches one model from one alarm to the next: whether it is worse, and whether it is better. */
export class Watch {
  /** Doubles in the state. */
  static readonly doubles = SQUARES + 1;

  /** Everything that it knows: saved and restored bit by bit. */
  readonly state = new Float64Array(Watch.doubles);
  readonly #detectors: Readonly<Record<AlarmKind, EDetector>>;
  readonly #block: Float64Array;

  constructor() {
    this.#detectors = {
      worse: new EDetector(this.state.subarray(0, DETECTOR_DOUBLES)),
      better: new EDetector(this.state.subarray(DETECTOR_DOUBLES, 2 * DETECTOR_DOUBLES)),
    };
    this.#block = this.state.subarray(2 * DETECTOR_DOUBLES, COUNT);
  }

  /** Takes in rows `from .. to`, at most `PIECE_ROWS`, up to the first alarm. */
  take(rows: AlarmRows, from: number, to: number, options: WatchOptions): Watched {
    const [count = 0, sum = 0, squares = 0] = this.state.subarray(COUNT);
    rowGains.fill(rows, from, to, options.baseline, { count, sum, squares });
    const watched = options.blockRows === 1 ? this.#takeRows(to - from, options) : this.#takeBlocks(to - from, options);
    const { taken } = watched;
    this.state.set([rowGains.counts[taken] ?? 0, rowGains.sums[taken] ?? 0, rowGains.squares[taken] ?? 0], COUNT);
    return watched;
  }

  #takeRows(n: number, { every }: WatchOptions): Watched {
    const { kind, unit } = this.#takeUnits(rowGains, n, every);
    return kind === undefined ? { taken: n } : { taken: unit + 1, kind };
  }

  /** The mean number of blocks between false alarms is N / rows of a block, so that there are N rows. */
  #takeBlocks(n: number, { every, blockRows }: WatchOptions): Watched {
    const blocks = blockGains.fill(this.#block, rowGains, n, blockRows);
    const { kind, unit } = this.#takeUnits(blockGains, blocks, every / blockRows);
    return kind === undefined ? { taken: n } : { taken: blockGains.ends[unit] ?? n, kind };
  }

  #takeUnits(units: UnitColumns, n: number, limit: number): { readonly unit: number; readonly kind?: AlarmKind } {
    const worse = this.#detectors.worse.watch(units.worse, n, limit, units);
    // What one side has seen behind the alarm of the other is forgotten with the restart.
    const better = this.#detectors.better.watch(units.better, worse < 0 ? n : worse, limit * BETTER_LIMIT, units);
    if (better >= 0) return { unit: better, kind: "better" };
    return worse < 0 ? { unit: n } : { unit: worse, kind: "worse" };
  }

  /** The change that an alarm of this kind is about. */
  change(kind: AlarmKind): Change {
    const { row, time, count, sum, squares } = this.#detectors[kind].changePoint();
    const [count2 = 0, sum2 = 0, squares2 = 0] = this.state.subarray(COUNT);
    return { row, time, before: { count, sum }, since: { count: count2 - count, sum: sum2 - sum, squares: squares2 - squares } };
  }

  /** The mean R: an alarm is due at N, or at ten times N for "better", divided by the rows of a block. */
  evidence(kind: AlarmKind): number {
    return this.#detectors[kind].evidence;
  }

  restart(): void {
    this.state.fill(0);
  }
}
