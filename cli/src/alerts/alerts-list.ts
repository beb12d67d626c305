import { printable, type Alert } from "@streamgauge/core";
import type { SavedAlerting, Silence } from "@streamgauge/metrics";

/** The alerts of a lane as they are stored. */
export interface AlertsList {
  readonly lane: string;
  /** What fires or is pending, by rule. */
  readonly rules: readonly ListedRule[];
  /** What was resolved, oldest first; at most the last 100. */
  readonly past: readonly Alert[];
  /** Alerts that the broker has not confirmed. */
  readonly unsent: number;
}

export interface ListedRule {
  readonly rule: string;
  readonly state: "ok" | "pending" | "firing";
  /** Since when, RFC 3339; null if it is ok. */
  readonly since: string | null;
  /** Until when no alert of it is sent, RFC 3339; null if it is not silenced. */
  readonly silenced_until: string | null;
  readonly alert: Alert | null;
}

/** @param saved - undefined if metrics has not looked at rules yet. */
export function alertsList(
  lane: string,
  saved: SavedAlerting | undefined,
  past: readonly Alert[],
  silences: readonly Silence[],
): AlertsList {
  const rules = (saved?.rules ?? []).map(({ rule, phase, since, alert }) => {
    const ends = silences.filter((each) => each.rule === rule && (each.lane === null || each.lane === lane)).map(({ until }) => until);
    return {
      rule,
      state: phase,
      since: since === null ? null : new Date(since).toISOString(),
      silenced_until: ends.length === 0 ? null : new Date(Math.max(...ends)).toISOString(),
      alert,
    };
  });
  return { lane, rules, past, unsent: saved?.outbox.entries.length ?? 0 };
}

/** The alerts for people: what is now, then what was. */
export function alertsText({ lane, rules, past, unsent }: AlertsList): string {
  const now = rules.map(({ rule, state, since, silenced_until: silenced, alert }) =>
    [
      state,
      rule,
      since === null ? "" : `since ${timeText(since)}`,
      silenced === null ? "" : `silenced until ${timeText(silenced)}`,
      alert?.summary ?? "",
    ].filter((part, column) => column < 2 || part !== ""),
  );
  const earlier = past.map(({ rule, fired_at: fired, resolved_at: resolved, summary, model }) => [
    `${timeText(fired)} to ${resolved === null ? "" : timeText(resolved)}`,
    rule,
    ...(model === "" ? [] : [model]),
    summary,
  ]);
  return [
    `Rules of lane ${lane}:`,
    ...(now.length === 0 ? ["  none, or metrics has not looked at them yet"] : table(now)),
    "",
    "Past alerts:",
    ...(earlier.length === 0 ? ["  none"] : table(earlier)),
    ...(unsent === 0 ? [] : ["", `${unsent} ${unsent === 1 ? "alert waits" : "alerts wait"} for the broker.`]),
    "",
  ]
    .map(printable)
    .join("\n");
}

/** Lines with the first two columns aligned. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}

/** To the second, in UTC. */
function timeText(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}
