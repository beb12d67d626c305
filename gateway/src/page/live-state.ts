import type {
  ComparisonEvent,
  DeadLettersEvent,
  HeadlineEvent,
  HealthEvent,
  RowsEvent,
  SummaryEvent,
  WindowJson,
  WindowsEvent,
} from "@streamgauge/core/windows";
import type { FeatureView } from "./panels/panel.js";

/** What the page knows. Each part is replaced as a whole when it changes. */
export interface LiveState {
  readonly connection: "connecting" | "live" | "reconnecting" | "idle";
  /** Ascending; undefined: none have come yet. */
  readonly windows: readonly WindowJson[] | undefined;
  /** Where the range begins, ms since 1970; null: no bound. */
  readonly from: number | null;
  readonly summary: SummaryEvent["summary"] | undefined;
  readonly features: FeatureView | undefined;
  readonly headline: HeadlineEvent | undefined;
  readonly rows: RowsEvent["rows"];
  readonly health: HealthEvent | undefined;
  readonly deadLetters: DeadLettersEvent | undefined;
  readonly comparison: ComparisonEvent | undefined;
}

export const NOTHING: LiveState = {
  connection: "connecting",
  windows: undefined,
  from: null,
  summary: undefined,
  features: undefined,
  headline: undefined,
  rows: [],
  health: undefined,
  deadLetters: undefined,
  comparison: undefined,
};

/** An event of the gateway. */
export type LiveEvent =
  | { readonly event: "windows"; readonly data: WindowsEvent }
  | { readonly event: "summary"; readonly data: SummaryEvent }
  | { readonly event: "headline"; readonly data: HeadlineEvent }
  | { readonly event: "rows"; readonly data: RowsEvent }
  | { readonly event: "health"; readonly data: HealthEvent }
  | { readonly event: "dead_letters"; readonly data: DeadLettersEvent }
  | { readonly event: "comparison"; readonly data: ComparisonEvent };

/** What the page knows after an event. */
export function after(state: LiveState, { event, data }: LiveEvent): LiveState {
  switch (event) {
    case "windows":
      return { ...state, from: data.from, windows: merged(state.windows, data) };
    case "summary":
      return { ...state, summary: data.summary };
    case "headline":
      return { ...state, headline: data };
    case "rows":
      return { ...state, rows: data.rows };
    case "health":
      return { ...state, health: data };
    case "dead_letters":
      return { ...state, deadLetters: data };
    case "comparison":
      return { ...state, comparison: data };
  }
}

/** A window that changed takes the place of what was known of it; one that left the range goes. */
function merged(known: readonly WindowJson[] | undefined, { complete, from, windows }: WindowsEvent): readonly WindowJson[] {
  if (complete || known === undefined) return windows;
  const byStart = new Map([...known, ...windows].map((window) => [window.start, window]));
  const kept = [...byStart.values()].filter(({ start }) => from === null || Date.parse(start) >= from);
  return kept.toSorted((one, other) => Date.parse(one.start) - Date.parse(other.start));
}
