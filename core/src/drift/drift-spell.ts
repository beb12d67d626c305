/** When a feature has drifted, as places in a series of hours. */
export interface DriftSpell {
  /** The first and the last hour. */
  readonly first: number;
  readonly last: number;
  /** Whether it lasts to the latest hour of the series. */
  readonly isLasting: boolean;
  /** Hours of the spell with drift. */
  readonly drifted: number;
}

/**
 * Since when a feature has drifted. A spell that lasts begins where the hours with drift outnumber the others by most up to the latest hour: drift that is flagged
 * in 59 of 60 hours is one spell, though one hour was missed. If no such spell lasts, it is the longest run of hours with drift, the latest of equals.
 *
 * @param hours - whether each has drift, ascending. @returns undefined if none has.
 */
export function driftSpell(hours: readonly boolean[]): DriftSpell | undefined {
  const first = lastingFrom(hours);
  if (first === undefined) return longestRun(hours);
  return { first, last: hours.length - 1, isLasting: true, drifted: hours.slice(first).filter(Boolean).length };
}

function lastingFrom(hours: readonly boolean[]): number | undefined {
  let [lead, most] = [0, 1];
  let first: number | undefined;
  for (let hour = hours.length - 1; hour >= 0; hour -= 1) {
    lead += hours[hour] === true ? 1 : -1;
    if (lead >= most) [most, first] = [lead, hour];
  }
  return first;
}

function longestRun(hours: readonly boolean[]): DriftSpell | undefined {
  let longest: DriftSpell | undefined;
  let drifted = 0;
  for (const [last, hasDrift] of hours.entries()) {
    drifted = hasDrift ? drifted + 1 : 0;
    if (drifted > 0 && drifted >= (longest?.drifted ?? 0)) longest = { first: last - drifted + 1, last, isLasting: false, drifted };
  }
  return longest;
}
