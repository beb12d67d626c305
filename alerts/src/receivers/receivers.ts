import { join } from "node:path";
import type { AlertsConfig } from "../settings.js";
import { alertmanager, alertmanagerUrl } from "./alertmanager.js";
import { alertsFile } from "./alerts-file.js";
import { HttpTarget } from "./http-target.js";
import type { Receiver } from "./receiver.js";
import { slack } from "./slack.js";
import { webhook } from "./webhook.js";

/** The receivers of the settings; the file is always one of them. Those of the same host have different names. */
export function receiversOf(config: AlertsConfig): readonly Receiver[] {
  const target = (url: string) => new HttpTarget(url, config.ALERT_TIMEOUT_MS);
  return withNames([
    alertsFile(config.ALERTS_FILE === "" ? join(config.LOGS_DIR, "alerts.jsonl") : config.ALERTS_FILE),
    ...config.ALERT_WEBHOOK_URLS.map((url) => webhook(target(url), config.ALERT_WEBHOOK_SECRET)),
    ...config.ALERT_SLACK_URLS.map((url) => slack(target(url))),
    ...config.ALERTMANAGER_URLS.map((url) => alertmanager(target(alertmanagerUrl(url)), config.ALERT_RESEND_MS)),
  ]);
}

function withNames(receivers: readonly Receiver[]): readonly Receiver[] {
  const times = new Map<string, number>();
  return receivers.map((receiver) => {
    const count = (times.get(receiver.name) ?? 0) + 1;
    times.set(receiver.name, count);
    return count === 1 ? receiver : { ...receiver, name: `${receiver.name} (${count})` };
  });
}
