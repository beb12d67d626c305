import { milliseconds, text, url, type CommonConfig, type Config } from "@streamgauge/core";

/** The settings of metrics. */
export const SETTINGS = {
  LABEL_RETENTION_MS: milliseconds(
    "How long a label or a prediction waits for the other, in ms; then it goes to `logs/unmatched.csv`. Default: 7 days.",
    7 * 24 * 60 * 60 * 1000,
    1,
  ),
  ALERTS_PATH: text("The file of rules for alerts, in YAML or JSON. Default: the rules in docs/alerts.md."),
  PAGE_URL: url(
    "The page of the gateway as people reach it, for alerts to lead to.",
    ["http:", "https:"],
    "https://streamgauge.example.com/",
  ),
} as const;

/** What metrics reads. */
export type MetricsConfig = CommonConfig & Config<typeof SETTINGS>;
