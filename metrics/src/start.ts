import { LanePartition, type ServiceLink, type ServiceScope } from "@streamgauge/core";
import { startMetrics, type Metrics } from "./service.js";
import type { MetricsConfig } from "./settings.js";

/** Starts metrics for the lane of its link. */
export async function start(scope: ServiceScope, config: MetricsConfig, link: ServiceLink): Promise<Metrics> {
  const { LOGS_DIR: logsDir, LABEL_RETENTION_MS: retentionMs } = config;
  return scope.own(await startMetrics({ ...link, logsDir, partition: new LanePartition(link.lane), retentionMs }));
}
