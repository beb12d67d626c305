import type { AlarmRows } from "./alarm-rows.js";
import type { Baseline, BetterBaseline } from "./baseline.js";
import { hourOfWeek } from "./hour-of-week.js";
import { UnitColumns } from "./unit-columns.js";

/** The sums since the last restart. */
export interface RunningSums {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/** The gains of some consecutive rows, and what is known before each of them and behind the last. Memory that is used again. */
export class RowGains extends UnitColumns {
  /** @param most - rows that it has room for. */
  constructor(most: number) {
    super(most + 1);
  }

  /** Computes rows `from .. to`. @param before - the sums before them. */
  fill(rows: AlarmRows, from: number, to: number, baseline: Baseline, before: RunningSums): void {
    this.rows.set(rows.rows.subarray(from, to));
    this.times.set(rows.times.subarray(from, to));
    this.#fillSums(rows, from, to, before);
    if (baseline.worseByHour === undefined) this.#fillPlain(rows, from, to, baseline);
    else this.#fillSeasonal(rows, from, to, baseline, baseline.worseByHour);
  }

  #fillSums({ errors }: AlarmRows, from: number, to: number, before: RunningSums): void {
    const { counts, sums, squares } = this;
    let { count, sum, squares: square } = before;
    for (let i = from; i < to; i += 1) {
      const error = errors[i] ?? 0;
      counts[i - from] = count;
      sums[i - from] = sum;
      squares[i - from] = square;
      count += 1;
      sum += error >= 0 ? error : Infinity;
      square += error * error;
    }
    counts[to - from] = count;
    sums[to - from] = sum;
    squares[to - from] = square;
  }

  #fillPlain({ errors }: AlarmRows, from: number, to: number, baseline: Baseline): void {
    const { worse, better } = this;
    const m = baseline.worse;
    const { offset, slope, cap } = betterLine(baseline.better);
    for (let i = from; i < to; i += 1) {
      const error = errors[i] ?? 0;
      worse[i - from] = error >= 0 ? error / m - 1 : Infinity;
      better[i - from] = error >= 0 ? offset - slope * Math.min(error, cap) : -1;
    }
  }

  #fillSeasonal({ errors, times }: AlarmRows, from: number, to: number, baseline: Baseline, worseByHour: Float64Array): void {
    const { worse, better } = this;
    for (let i = from; i < to; i += 1) {
      const error = errors[i] ?? 0;
      const hour = hourOfWeek(times[i] ?? Number.NaN);
      const m = (hour === undefined ? undefined : worseByHour[hour]) ?? baseline.worse;
      const { offset, slope, cap } = betterLine(hour === undefined ? baseline.better : baseline.betterByHour?.[hour]);
      worse[i - from] = error >= 0 ? error / m - 1 : Infinity;
      better[i - from] = error >= 0 ? offset - slope * Math.min(error, cap) : -1;
    }
  }
}

/** What a row gains on "better" is offset − slope · min(error, cap). Without a baseline the stake is lost. */
function betterLine(baseline: BetterBaseline | undefined) {
  if (baseline === undefined) return { offset: -1, slope: 0, cap: 0 };
  const { m, cap, scale } = baseline;
  return { offset: scale, slope: scale / m, cap };
}
