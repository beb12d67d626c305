import { episodeOf, fingerprintOf, type Alert } from "@streamgauge/core";

/** An alert of this rule. Its episode fired at `firedAt`, ms since 1970; by default at 2023-11-14T22:13:20Z. */
export function sampleAlert(rule: string, more: Partial<Alert> = {}, firedAt = 1_700_000_000_000): Alert {
  const { lane = "champion", model = "diabetes@ca12cffa9dbb", state = "firing" } = more;
  const fingerprint = fingerprintOf({ rule, lane, model });
  return {
    fingerprint,
    episode: episodeOf(fingerprint, firedAt),
    state,
    test: false,
    rule,
    kind: "mae",
    severity: "warning",
    lane,
    model,
    summary: "MAE of the last hour is 61.5, above 50.",
    value: 61.5,
    bound: 50,
    unit: "",
    window_s: 3600,
    since: new Date(firedAt - 300_000).toISOString(),
    fired_at: new Date(firedAt).toISOString(),
    resolved_at: state === "resolved" ? new Date(firedAt + 600_000).toISOString() : null,
    segments: [],
    page_url: null,
    log: null,
    ...more,
  };
}
