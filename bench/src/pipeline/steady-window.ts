/** So many rows were through at that time (ms). */
export interface Progress {
  readonly at: number;
  readonly rows: number;
}

/** The part of a run that is measured. */
export interface SteadyWindow {
  readonly from: Progress;
  readonly to: Progress;
  /** The run was too short for such a window: this one goes from the start of the source to the last row. */
  readonly isShort: boolean;
}

/** Share of a run's rows that only warms up. */
export const WARM_UP = 0.2;
/** A window with a smaller share of the rows says too little. */
const LEAST_SHARE = 0.2;

/** The first moment that belongs to the window: the warm-up share is through. Undefined while it is not. */
export function warmUpEnd(progress: readonly Progress[], total: number): Progress | undefined {
  return progress.find(({ rows }) => rows >= WARM_UP * total);
}

/**
 * The window after the warm-up in which as many rows were sent as came out, so that every stage did its work for the same number of
 * rows. The source runs ahead of the rest by what the queues and the prefetch hold. At the window's begin it is ahead by some rows; the
 * window ends when all rows but as many are through.
 *
 * Counting only while the source runs would understate the rate, since the backlog still grows; counting up to the last row
 * would overstate it, since the source's share of the processor is free by then.
 *
 * @param began - when the source was started, ms. @param progress - what came out, in order of time, up to the last row.
 * @param sent - rows that the source had sent at the end of the warm-up.
 */
export function steadyWindow(began: number, progress: readonly Progress[], total: number, sent: number): SteadyWindow {
  const start = { at: began, rows: 0 };
  const last = progress.at(-1) ?? start;
  const from = warmUpEnd(progress, total) ?? start;
  const ahead = Math.max(0, sent - from.rows);
  const to = progress.find(({ rows }) => rows >= total - ahead) ?? last;
  if (to.rows - from.rows < LEAST_SHARE * total) return { from: start, to: last, isShort: true };
  return { from, to, isShort: false };
}

/** Rows a second within a window. */
export function rateOf({ from, to }: SteadyWindow): number {
  return ((to.rows - from.rows) / (to.at - from.at)) * 1000;
}

/** A value that only grows, at a time between two at which it was looked at; the first or the last one outside of them. */
export function valueAt(samples: readonly { readonly at: number; readonly value: number }[], at: number): number {
  const next = samples.findIndex((sample) => sample.at >= at);
  const after = next < 0 ? samples.at(-1) : samples[next];
  const before = next > 0 ? samples[next - 1] : after;
  if (before === undefined || after === undefined) return Number.NaN;
  if (after.at <= before.at) return after.value;
  return before.value + ((after.value - before.value) * (Math.min(at, after.at) - before.at)) / (after.at - before.at);
}
