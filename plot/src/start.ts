import {
  CHAMPION,
  checkPartitions,
  lanesOf,
  openInLogsDir,
  registryOf,
  type CommonConfig,
  type ServiceLink,
  type ServiceScope,
} from "@streamgauge/core";
import { startComparisonPlot } from "./comparison/comparison-plot.js";
import { lowerPriority } from "./lower-priority.js";
import { startPlot } from "./service.js";

/**
 * Starts to draw every lane, and the comparison of each with the champion. Ends when metrics has another number of partitions. From then on rows go before pictures: this thread gets a processor
 * when no other service wants it.
 *
 * @throws OtherPartitionsError, UnfinishedRepartitionError, LogsDirError
 */
export async function start(scope: ServiceScope, config: CommonConfig, link: ServiceLink): Promise<void> {
  lowerPriority();
  const { LOGS_DIR: logsDir, PARTITIONS: partitions } = config;
  await openInLogsDir(logsDir, async () => checkPartitions(logsDir, partitions));
  for (const lane of lanesOf(config)) {
    const registry = lane === link.lane ? link.registry : registryOf(lane);
    if (registry !== link.registry) link.health.addRegistry(registry);
    const options = { ...link, registry, logsDir, lane, partitions, fail: scope.fail };
    scope.own(await startPlot(options));
    if (lane !== CHAMPION) scope.own(await startComparisonPlot(options));
  }
}
