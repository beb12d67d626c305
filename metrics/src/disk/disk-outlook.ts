/** One look at the disk of the log. */
export interface DiskSample {
  /** By a steady clock, in seconds. */
  readonly at: number;
  /** Bytes that this user may still write. */
  readonly free: number;
  /** Bytes of the lane's files. */
  readonly own: number;
}

/** How full the disk is, and when it will be. */
export interface DiskOutlook {
  readonly free: number;
  /** Bytes that are written a second, by metrics and steadily by others. */
  readonly rate: number;
  /** Seconds until it is full at that rate; undefined if the rate is 0, or the looks span too little time to say. */
  readonly fullIn: number | undefined;
}

/** How far back looks count, in seconds. */
export const LOOK_BACK_S = 6 * 3_600;
/** What is said reaches this many times as far ahead as the looks reach back: an hour of looks says a day. */
const FAR_AHEAD = 24;
/** With fewer looks a single large file would be taken for a rate. */
const LEAST_OF_OTHERS = 12;

/**
 * What looks say of the time to come. Own growth is its mean over all of them. What others write counts by the median of what they wrote between
 * two looks: a log that grows steadily beside this one does, a large file that is copied once does not.
 *
 * @param samples - in the order of time.
 * @returns undefined if there are fewer than two.
 */
export function diskOutlook(samples: readonly DiskSample[]): DiskOutlook | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return undefined;
  const span = last.at - first.at;
  const own = Math.max(0, last.own - first.own) / span;
  const ofOthers = samples.slice(1).map((sample, i) => othersRate(samples[i] ?? first, sample));
  const rate = own + (ofOthers.length < LEAST_OF_OTHERS ? 0 : Math.max(0, median(ofOthers)));
  const fullIn = rate > 0 ? last.free / rate : undefined;
  return { free: last.free, rate, fullIn: fullIn === undefined || fullIn > FAR_AHEAD * span ? undefined : fullIn };
}

/** Bytes a second that others wrote between two looks; negative if they removed some. */
function othersRate(before: DiskSample, after: DiskSample): number {
  return (before.free - after.free - (after.own - before.own)) / Math.max(after.at - before.at, 1e-3);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
