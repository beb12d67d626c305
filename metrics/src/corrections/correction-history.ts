/** A label that a correction gave, and when it was made. */
export interface TimedLabel {
  /** ms since 1970. */
  readonly at: number;
  readonly value: number;
}

/** The corrections of one id by the time when they were made; the last one is in force. */
export type CorrectionHistory = readonly TimedLabel[];

/** What becomes of a correction whose label is known. */
export type Verdict = "applied" | "duplicate" | "conflict";

/** Corrections of one id that are remembered. An older copy of a forgotten one is a conflict in place of a duplicate. */
export const MOST_REMEMBERED = 64;

/**
 * Settles a correction of a logged id. Whatever the order in which corrections come, and however often, the one that was made last is in
 * force in the end; of two of the same moment, the one that comes second.
 *
 * @param first - the label in the log, which is in force while there is no correction.
 * @returns `duplicate` if it came before or changes nothing, `conflict` if a later one is in force; and the history with it.
 */
export function settleCorrection(
  history: CorrectionHistory,
  first: number,
  { at, value }: TimedLabel,
): { readonly verdict: Verdict; readonly history: CorrectionHistory } {
  if (includes(history, { at, value })) return { verdict: "duplicate", history };
  const inForce = inForceOf(history, first);
  const isLate = at < (history.at(-1)?.at ?? -Infinity);
  const verdict = value === inForce ? "duplicate" : isLate ? "conflict" : "applied";
  return { verdict, history: withLabel(history, { at, value }) };
}

/** The label in force. @param first - the one in the log. */
export function inForceOf(history: CorrectionHistory, first: number): number {
  return history.at(-1)?.value ?? first;
}

export function includes(history: CorrectionHistory, { at, value }: TimedLabel): boolean {
  return history.some((each) => each.at === at && each.value === value);
}

/** The history with one more, behind those of the same moment; without the oldest if there are too many. */
export function withLabel<T extends TimedLabel>(history: readonly T[], label: T): readonly T[] {
  const place = history.findLastIndex(({ at }) => at <= label.at) + 1;
  return history.toSpliced(place, 0, label).slice(-MOST_REMEMBERED);
}
