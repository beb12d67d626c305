/** Times that drifted one after another. */
export interface DriftedRun<Time> {
  readonly first: Time;
  readonly last: Time;
  /** How many there are. */
  readonly length: number;
  /** Whether no time follows the last one. */
  readonly isLasting: boolean;
}

/**
 * Since when there is drift: the times that drifted up to the last one of all, without a break. If that one did not drift, the longest run, and of equally long
 * ones the latest. A time that drifted alone before it may be chance.
 *
 * @param times - ascending. @returns undefined if none drifted.
 */
export function driftedRun<Time>(times: readonly Time[], hasDrifted: (time: Time) => boolean): DriftedRun<Time> | undefined {
  let longest: DriftedRun<Time> | undefined;
  let run: DriftedRun<Time> | undefined;
  for (const [i, time] of times.entries()) {
    run = hasDrifted(time)
      ? { first: run?.first ?? time, last: time, length: (run?.length ?? 0) + 1, isLasting: i === times.length - 1 }
      : undefined;
    if (run !== undefined && run.length >= (longest?.length ?? 0)) longest = run;
  }
  return run ?? longest;
}
