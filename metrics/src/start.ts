import { LanePartition, openInLogsDir, requirePartitions, type ServiceLink, type ServiceScope } from "@streamgauge/core";
import { loadRules } from "./alerting/rules/load-rules.js";
import { SYSTEM_DISK } from "./log/append-file.js";
import { alarmSettings } from "./alarm/alarm-settings.js";
import { startMetrics, type Metrics } from "./service.js";
import type { MetricsConfig } from "./settings.js";

/** Starts metrics for the lane of its link, or the partition of it. @throws OtherPartitionsError @param disk - a test may give one that fails. */
export async function start(scope: ServiceScope, config: MetricsConfig, link: ServiceLink, disk = SYSTEM_DISK): Promise<Metrics> {
  const { LOGS_DIR: logsDir, LABEL_RETENTION_MS: retentionMs, ALERTS_PATH: path, PAGE_URL: page } = config;
  const { INTERVAL_COVERAGE: intervalCoverage, DISK_WARN_HOURS: diskWarnHours, LOG_ROTATE: rotation } = config;
  const partition = new LanePartition(link.lane, link.partition, config.PARTITIONS);
  await openInLogsDir(logsDir, async () => requirePartitions(logsDir, config.PARTITIONS));
  const alarm = alarmSettings(config);
  const rules = loadRules(path);
  const pageUrl = page === "" ? undefined : page;
  return scope.own(
    await startMetrics({
      ...link,
      logsDir,
      partition,
      retentionMs,
      alarm,
      intervalCoverage,
      diskWarnHours,
      rotation,
      rules,
      pageUrl,
      disk,
    }),
  );
}
