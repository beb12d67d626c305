import type { SeededRandom } from "../index.js";

/** A fault of a plan. */
export interface PlannedFault<Name extends string> {
  /** Hours of event time after the begin. */
  readonly hour: number;
  readonly name: Name;
}

/** No fault begins in the first or the last of these shares of a run: rows must flow before, and all must be over at the end. */
const CALM = { first: 0.02, last: 0.05 };

/**
 * Faults at random times, ascending. Each name comes as often as every other one, give or take one, in random order.
 *
 * @param hours - the length of the run. @param names - at least one.
 */
export function faultPlan<const Name extends string>(
  random: SeededRandom,
  hours: number,
  count: number,
  names: readonly Name[],
): PlannedFault<Name>[] {
  const drawn: Name[] = [];
  while (drawn.length < count) drawn.push(...random.shuffled(names));
  const [from, to] = [hours * CALM.first, hours * (1 - CALM.last)];
  const at = Array.from({ length: count }, () => from + random.fraction() * (to - from)).toSorted((one, other) => one - other);
  return at.flatMap((hour, i) => {
    const name = drawn[i];
    return name === undefined ? [] : [{ hour, name }];
  });
}
