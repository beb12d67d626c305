import type { ErrorChange } from "@streamgauge/core";

/** A change for the worse that row 150 noticed; a test sets what matters. */
export function errorChangeOf(more: Partial<ErrorChange> = {}): ErrorChange {
  return {
    kind: "worse",
    model: "m@1",
    since_row: 101,
    since_time: "2026-11-29T05:51:00.000Z",
    row: 150,
    time: "2026-11-29T05:52:00.000Z",
    mean_before: 1,
    mean_since: 3,
    mean_since_low: 2,
    mean_since_high: 4,
    raised_again: 0,
    ...more,
  };
}
