import { lengthOf, startOf, WINDOW_SIZES, type WindowSize } from "@streamgauge/core/windows";

/** The windows of one size that make up a time. */
export interface WindowSpan {
  readonly size: WindowSize;
  /** Where the first one begins, and where the last one ends; ms since 1970. */
  readonly from: number;
  readonly to: number;
}

/** More windows than this are not merged for one figure. */
const MAX_WINDOWS = 120;

/**
 * The windows for the last `windowMs` before a time, of the finest size that is still kept and has at most 120 of them. The last one is the
 * window that holds the latest event time or, of an earlier time, the last that has ended by then.
 *
 * @param watermark - the latest event time, ms since 1970. @param endedMs - how long before it the time is.
 */
export function spanOf(watermark: number, windowMs: number, endedMs: number): WindowSpan {
  const fitting = WINDOW_SIZES.find(({ ms, keptMs }) => windowMs <= MAX_WINDOWS * ms && windowMs + endedMs < keptMs);
  const size = fitting?.name ?? "1d";
  const ms = lengthOf(size);
  const last = startOf(watermark - endedMs, ms) - (endedMs > 0 ? ms : 0);
  const count = Math.max(1, Math.round(windowMs / ms));
  return { size, from: last - (count - 1) * ms, to: last + ms };
}
