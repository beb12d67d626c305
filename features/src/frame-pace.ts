import { Pace, TimePace } from "./pace.js";
import type { RowFrame, RowFramesOptions } from "./row-frames.js";

/** How fast rows leave, and how many in a frame. */
export interface FramePace {
  readonly rowsPerSecond: number;
  /** How many times faster than it happened the dataset is sent; 0 or left out: at `rowsPerSecond`. Needs event times. */
  readonly timeSpeed?: number | undefined;
  readonly frameRows: number;
  /** How long a row may wait for its frame to fill, in ms. */
  readonly frameDelayMs: number;
}

/** What ends a frame: at a slow pace it is sent with the rows that are due within the delay. */
export function frameLimits({
  frameRows,
  frameDelayMs,
  rowsPerSecond,
  timeSpeed = 0,
}: FramePace): Pick<RowFramesOptions, "frameRows" | "spanMs"> {
  if (timeSpeed > 0) return { frameRows, spanMs: frameDelayMs * timeSpeed };
  const perDelay = rowsPerSecond === 0 ? frameRows : Math.max(1, Math.floor((rowsPerSecond * frameDelayMs) / 1000));
  return { frameRows: Math.min(frameRows, perDelay) };
}

/** How long a frame waits before it leaves, in ms. */
export function paceOf({ rowsPerSecond, timeSpeed = 0 }: FramePace): (frame: RowFrame) => number {
  if (timeSpeed > 0) {
    const pace = new TimePace(timeSpeed, performance.now());
    return ({ features: { eventTimes = new Float64Array() } }) => pace.take(eventTimes, performance.now());
  }
  const pace = new Pace(rowsPerSecond, performance.now());
  return ({ features }) => pace.take(features.ids.length, performance.now());
}
