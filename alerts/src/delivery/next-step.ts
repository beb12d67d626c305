/** An alert that a receiver has not got. */
export interface Waiting {
  /** Knows the alert, by its episode and state. */
  readonly key: string;
  readonly episode: string;
  /** How often the receiver refused this very alert. */
  readonly refusals: number;
  /** Not to be sent before, ms since 1970. */
  readonly notBefore: number;
}

/** What to do next for a receiver. */
export type Step =
  | { readonly kind: "idle" }
  | { readonly kind: "wait"; readonly ms: number }
  /** Several alerts are sent as one summary. */
  | { readonly kind: "send"; readonly keys: readonly string[] };

export const HOUR_MS = 60 * 60 * 1000;
/** The most alerts in one summary; the others wait for the next one. */
export const MAX_SUMMARY_ALERTS = 100;

/**
 * What to send next, so that no hour has more than `perHour` messages. The last message of an hour is a summary of all that waits.
 *
 * An alert waits behind an earlier one of its episode, so that none is resolved before it fires.
 *
 * @param waiting - in the order of arrival. @param sent - when messages were sent, ms since 1970, ascending.
 * @param perHour - undefined: no limit.
 */
export function nextStep(waiting: readonly Waiting[], sent: readonly number[], now: number, perHour: number | undefined): Step {
  const keys = due(waiting, now);
  const [first] = keys;
  if (first === undefined) {
    // Those that are due themselves wait behind one of their episode that is not.
    const soonest = Math.min(...waiting.map(({ notBefore }) => notBefore).filter((at) => at > now));
    return waiting.length === 0 ? { kind: "idle" } : { kind: "wait", ms: soonest - now };
  }
  if (perHour === undefined) return { kind: "send", keys: [first] };
  const recent = recentOf(sent, now);
  const blocking = recent[recent.length - perHour];
  if (blocking !== undefined) return { kind: "wait", ms: blocking + HOUR_MS - now };
  return { kind: "send", keys: recent.length === perHour - 1 ? keys.slice(0, MAX_SUMMARY_ALERTS) : [first] };
}

/** Those within the last hour. One from the future, after the clock was set back, counts as sent now. */
export function recentOf(sent: readonly number[], now: number): readonly number[] {
  return sent.filter((at) => at > now - HOUR_MS).map((at) => Math.min(at, now));
}

function due(waiting: readonly Waiting[], now: number): readonly string[] {
  const held = new Set<string>();
  const keys: string[] = [];
  for (const { key, episode, notBefore } of waiting) {
    if (notBefore > now) held.add(episode);
    if (!held.has(episode)) keys.push(key);
  }
  return keys;
}
