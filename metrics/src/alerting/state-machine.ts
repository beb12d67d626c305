/** How long a rule must hold before it fires, and stay firing after it no longer holds, in ms. */
export interface Hysteresis {
  readonly forMs: number;
  readonly keepFiringForMs: number;
}

/**
 * The state of one rule.
 *
 * - `ok`: it does not hold.
 * - `pending`: it holds since `since`, but not yet for `forMs`.
 * - `firing`: it fired at `firedAt`. `clearSince`: since when it no longer holds; undefined while it does.
 */
export type RuleState =
  | { readonly phase: "ok" }
  | { readonly phase: "pending"; readonly since: number }
  | { readonly phase: "firing"; readonly since: number; readonly firedAt: number; readonly clearSince: number | undefined };

export const OK: RuleState = { phase: "ok" };

/** What a step changed: undefined for nothing to send. */
export type RuleEvent = "firing" | "resolved" | undefined;

/**
 * One look at a rule.
 *
 * @param holds - whether it holds now; undefined if that is not known: then nothing begins and nothing ends.
 * @param now - ms since 1970. After the clock was set back, waits begin anew.
 */
export function step(
  state: RuleState,
  holds: boolean | undefined,
  now: number,
  { forMs, keepFiringForMs }: Hysteresis,
): { readonly state: RuleState; readonly event: RuleEvent } {
  switch (state.phase) {
    case "ok":
    case "pending": {
      if (holds === undefined) return { state, event: undefined };
      if (!holds) return { state: OK, event: undefined };
      const since = state.phase === "ok" ? now : Math.min(state.since, now);
      if (now - since < forMs) return { state: { phase: "pending", since }, event: undefined };
      return { state: { phase: "firing", since, firedAt: now, clearSince: undefined }, event: "firing" };
    }
    case "firing": {
      if (holds === undefined) return { state, event: undefined };
      if (holds) return { state: state.clearSince === undefined ? state : { ...state, clearSince: undefined }, event: undefined };
      const clearSince = Math.min(state.clearSince ?? now, now);
      if (now - clearSince < keepFiringForMs) return { state: { ...state, clearSince }, event: undefined };
      return { state: OK, event: "resolved" };
    }
  }
}
