import { comparedCounts } from "./compared-bins.js";
import { stabilityIndex, stabilityNoise, type Counts } from "./distances.js";

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const DAY_MS = DAY_HOURS * HOUR_MS;
/** The spread is of the hours that begin so long before the end of the last one, in ms: a week. */
export const SPREAD_MS = 7 * DAY_MS;
/** How often rows that are drawn at random differ by more than is left out. */
const BEYOND_CHANCE = 0.1;

/** What an hour is compared with: the hours before it, and the hours after it. */
interface Around {
  readonly hours: number;
  /** Fewer hours with rows on a side say nothing. */
  readonly least: number;
}

/** Beside the near hours, so many of all hours differ by the spread at most. */
const NEAR: Around = { hours: 3, least: 2 };
const WITHIN_NEAR = 0.95;
/** Beside the day around, the farthest hour of so many days does. */
const DAY: Around = { hours: DAY_HOURS, least: 6 };
const WITHIN_DAY = 1 / 3;
/** So many times as much is no drift: the farthest of all hours and features differ by more than most. */
const [TIMES_NEAR, TIMES_DAY] = [3, 2];
/** Fewer hours have no spread, and neither have days of fewer hours, and fewer days. */
const LEAST_HOURS = 12;
const LEAST_DAYS = 3;

/** Rows of a column by bin in an hour. */
export interface HourOfColumn {
  /** Where it begins, ms since 1970. */
  readonly start: number;
  readonly counts: Counts;
}

/**
 * How far an hour may be from the reference beyond what rows drawn at random are, though nothing has drifted, because hours of this column differ by themselves; as a
 * population stability index. It is taken from how far hours of the last week are from those around them. Of an hour the lesser counts of the index beside the
 * hours before it and of that beside the hours after it: a level that has moved is far from one of them only.
 *
 * Values that follow in time differ from the three hours around them: three times what 95 % of all hours do at most. Values with a course of the day differ from the
 * day around them: twice what the farthest hour does in two of three days. The greater one counts.
 *
 * @param hours - with rows, ascending. @param bins - see `comparedBins`. @returns 0 while too few hours are known.
 */
export function hourSpread(hours: readonly HourOfColumn[], bins: readonly (readonly number[])[]): number {
  const last = hours.at(-1)?.start ?? 0;
  const lately = hours.filter(({ start }) => start > last - SPREAD_MS);
  const upTo = sumsUpTo(lately);
  const near = distancesFrom(lately, upTo, bins, NEAR).map(({ beyond }) => beyond);
  const ofNear = near.length < LEAST_HOURS ? 0 : quantileOf(near, WITHIN_NEAR);
  const days = farthestOfDays(distancesFrom(lately, upTo, bins, DAY));
  const ofDays = days.length < LEAST_DAYS ? 0 : quantileOf(days, WITHIN_DAY);
  return Math.max(0, TIMES_NEAR * ofNear, TIMES_DAY * ofDays);
}

/**
 * The spread of several hours together.
 *
 * @param spread - see `hourSpread`. @param hours - how many they are: those of one day have that of one hour, and differences of days cancel.
 */
export function spreadOver(spread: number, hours: number): number {
  return spread / Math.max(1, hours / DAY_HOURS);
}

/** An hour, and how far it is from those around it. */
interface Distance {
  readonly start: number;
  readonly beyond: number;
}

/** Of each day, in UTC, the farthest hour. */
function farthestOfDays(distances: readonly Distance[]): number[] {
  const days = new Map<number, number[]>();
  for (const { start, beyond } of distances) {
    const day = Math.floor(start / DAY_MS);
    const hours = days.get(day);
    if (hours === undefined) days.set(day, [beyond]);
    else hours.push(beyond);
  }
  return [...days.values()].filter(({ length }) => length >= LEAST_HOURS).map((hours) => Math.max(...hours));
}

/** @param upTo - see `sumsUpTo`. */
function distancesFrom(
  hours: readonly HourOfColumn[],
  upTo: readonly Float64Array[],
  bins: readonly (readonly number[])[],
  around: Around,
): Distance[] {
  const others = new Float64Array(upTo[0]?.length ?? 0);
  const distances: Distance[] = [];
  for (const [hour, { start, counts }] of hours.entries()) {
    const [from, to] = sides(hours, hour, around);
    if (hour - from < around.least || to - hour - 1 < around.least) continue;
    const before = beyondChance(bins, differenceIn(others, upTo[hour], upTo[from]), counts);
    const after = beyondChance(bins, differenceIn(others, upTo[to], upTo[hour + 1]), counts);
    distances.push({ start, beyond: Math.min(before, after) });
  }
  return distances;
}

/** The places of the first hour before an hour that counts, and of the first one after it that does not. */
function sides(hours: readonly HourOfColumn[], hour: number, around: Around): readonly [number, number] {
  const start = hours[hour]?.start ?? 0;
  let [from, to] = [hour, hour + 1];
  while (from > 0 && (hours[from - 1]?.start ?? 0) >= start - around.hours * HOUR_MS) from -= 1;
  while (to < hours.length && (hours[to]?.start ?? 0) <= start + around.hours * HOUR_MS) to += 1;
  return [from, to];
}

const NONE = new Float64Array(0);

/** Rows by bin of the hours before each, and of all; shape [hours + 1][bins]. */
function sumsUpTo(hours: readonly HourOfColumn[]): readonly Float64Array[] {
  const sums = [new Float64Array(hours[0]?.counts.length ?? 0)];
  for (const { counts } of hours) {
    const sum = new Float64Array(sums.at(-1) ?? NONE);
    for (let bin = 0; bin < sum.length; bin += 1) sum[bin] = (sum[bin] ?? 0) + (counts[bin] ?? 0);
    sums.push(sum);
  }
  return sums;
}

function differenceIn(left: Float64Array, all: Float64Array = NONE, without: Float64Array = NONE): Float64Array {
  for (let bin = 0; bin < left.length; bin += 1) left[bin] = (all[bin] ?? 0) - (without[bin] ?? 0);
  return left;
}

/** How far an hour is from others, without what rows drawn at random are; below 0 for most of these. */
function beyondChance(bins: readonly (readonly number[])[], others: Counts, hour: Counts): number {
  const { reference, window } = comparedCounts(bins, others, hour);
  return stabilityIndex(reference, window) - stabilityNoise(reference, window, BEYOND_CHANCE);
}

/** The least value that so large a share of all does not exceed. */
function quantileOf(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}
