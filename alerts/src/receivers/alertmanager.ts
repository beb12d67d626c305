import type { Alert } from "@streamgauge/core";
import type { HttpTarget } from "./http-target.js";
import { alertsOf, type Receiver } from "./receiver.js";

/** An alert that is not sent again for so many intervals counts as resolved, as with Prometheus. */
const INTERVALS = 4;

/** Posts alerts to an Alertmanager (API v2), and again for as long as they fire. It groups and limits them itself. */
export function alertmanager(target: HttpTarget, resendMs: number): Receiver {
  const send = (alerts: readonly Alert[], signal: AbortSignal) => {
    const now = Date.now();
    return target.post(JSON.stringify(alerts.map((alert) => alertmanagerAlert(alert, now + INTERVALS * resendMs))), signal);
  };
  return {
    id: `alertmanager-${target.id}`,
    name: `alertmanager ${target.host}`,
    isLimited: false,
    resendMs,
    deliver: (notification, signal) => send(alertsOf(notification), signal),
    resend: send,
  };
}

/** Where an Alertmanager takes alerts. @param given - its URL, with the prefix of its routes if it has one. */
export function alertmanagerUrl(given: string): string {
  const url = new URL(given);
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith("/api/v2/alerts") ? path : `${path}/api/v2/alerts`;
  return url.href;
}

/**
 * An alert as an Alertmanager takes it. It knows alerts by their labels, which therefore have nothing that changes during an episode.
 *
 * @param expires - when a firing alert counts as resolved unless it is sent again, ms since 1970.
 */
export function alertmanagerAlert(alert: Alert, expires: number) {
  const { rule, kind, severity, lane, model, fingerprint, test } = alert;
  return {
    labels: {
      alertname: rule,
      service: "streamgauge",
      kind,
      severity,
      lane,
      ...(model === "" ? {} : { model }),
      fingerprint,
      ...(test ? { test: "true" } : {}),
    },
    annotations: annotationsOf(alert),
    startsAt: alert.fired_at,
    endsAt: alert.resolved_at ?? new Date(expires).toISOString(),
    ...(alert.page_url === null ? {} : { generatorURL: alert.page_url }),
  };
}

function annotationsOf({ summary, value, bound, unit, window_s, since, episode, log, segments }: Alert): Record<string, string> {
  const shown = {
    summary,
    value,
    bound,
    unit: unit === "" ? null : unit,
    window: window_s === null ? null : `${window_s} s`,
    since,
    episode,
    log: log === null ? null : `${log.file} ${log.from}-${log.to}`,
    segments: segments.length === 0 ? null : segments.map(({ name, mae }) => `${name}: MAE ${mae ?? "unknown"}`).join("; "),
  };
  return Object.fromEntries(Object.entries(shown).flatMap(([name, fact]) => (fact === null ? [] : [[name, String(fact)]])));
}
