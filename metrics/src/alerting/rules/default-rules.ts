/**
 * The rules without ALERTS_PATH, as such a file has them. They need no knowledge of the target's unit, and do not fire for a stream that is
 * merely slow.
 */
export const DEFAULT_RULES = {
  rules: [
    { name: "error-worse", kind: "error_alarm", severity: "critical" },
    { name: "error-better", kind: "error_alarm", direction: "better", severity: "warning" },
    { name: "dead-letters", kind: "dead_letters", above: 0, window: "10m", keep_firing_for: "10m" },
    { name: "no-rows", kind: "no_rows", above: "1d" },
    { name: "no-labels", kind: "no_labels", above: "1d" },
  ],
} as const;
