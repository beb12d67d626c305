import {
  chosenPartitions,
  milliseconds,
  oneOf,
  realNumber,
  REFERENCE_SETTINGS,
  text,
  url,
  type CommonConfig,
  type Config,
} from "@streamgauge/core";
import { DEFAULT_COVERAGE } from "./intervals/intervals.js";
import { rotationSetting } from "./log/rotation.js";
import { alarmEvery, SEASONS } from "./alarm/alarm-settings.js";

/** The settings of metrics. */
export const SETTINGS = {
  PARTITION: chosenPartitions("The partitions that a `metrics` process runs, as `1,3`. Default: all PARTITIONS."),
  LABEL_RETENTION_MS: milliseconds(
    "How long a label or a prediction waits for the other, in ms; then it goes to `logs/unmatched.csv`. Default: 7 days.",
    7 * 24 * 60 * 60 * 1000,
    1,
  ),
  ALARM_EVERY: alarmEvery(
    "How rare false alarms on the error are to be: one in so many rows (`100000`), or in such a time at the current rate of rows (`365d`, `24h`).",
    "100000",
  ),
  ALARM_TOLERANCE: realNumber("How much worse or better than the reference the error may be without an alarm; 0.05 is 5 %.", 0.05, 0, 10),
  ...REFERENCE_SETTINGS,
  ALARM_SEASON: oneOf(
    "`hour-of-week` = errors are compared with those of the same hour of the week (UTC); the reference then lasts at least a week.",
    "none",
    SEASONS,
  ),
  INTERVAL_COVERAGE: realNumber(
    "The share of rows whose label the interval of their prediction is to hold. See docs/intervals.md.",
    DEFAULT_COVERAGE,
    0.5,
    0.999,
  ),
  DISK_WARN_HOURS: realNumber("How many hours before the disk of the log is full that is said; 0 = never.", 24, 0, 8_760),
  LOG_ROTATE: rotationSetting(
    "When metrics begins a new part of the log: at so many bytes (`1GB`, `256MiB`), or each UTC `day`; older parts are compressed. Default: never. See docs/operation.md.",
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
