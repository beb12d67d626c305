import { milliseconds, secret, secretUrls, text, urlList, wholeNumber, type CommonConfig, type Config } from "@streamgauge/core";

const HTTP = ["http:", "https:"];

/** The settings of alerts. */
export const SETTINGS = {
  ALERT_WEBHOOK_URLS: secretUrls("Where alerts are sent as JSON, separated by commas.", HTTP, "https://example.com/alerts"),
  ALERT_WEBHOOK_SECRET: secret(
    "Signs the alerts of `ALERT_WEBHOOK_URLS` with HMAC-SHA256, as Standard Webhooks does; `whsec_` and base64, or any text of 16 characters or more.",
    16,
  ),
  ALERT_SLACK_URLS: secretUrls(
    "Incoming webhooks of Slack, Mattermost or another that takes `text`, separated by commas.",
    HTTP,
    "https://hooks.slack.com/services/…",
  ),
  ALERTMANAGER_URLS: urlList("Alertmanagers of Prometheus, separated by commas: all of a cluster.", HTTP, "http://alertmanager:9093"),
  ALERTS_FILE: text("The file to which each alert is appended as a line of JSON. Default: `alerts.jsonl` in `LOGS_DIR`."),
  ALERTS_PER_HOUR: wholeNumber(
    "Messages that each webhook and each Slack URL gets at most within an hour; what is above is gathered into one.",
    20,
    1,
    100_000,
  ),
  ALERT_TIMEOUT_MS: milliseconds("How long a receiver of alerts may take to answer, in ms; then the alert is sent again.", 10_000, 10),
  ALERT_RESEND_MS: milliseconds(
    "How often an Alertmanager gets an alert again while it fires, in ms; four times as long after the last one it counts as resolved.",
    60_000,
    100,
  ),
} as const;

/** What alerts reads. */
export type AlertsConfig = CommonConfig & Config<typeof SETTINGS>;
