import { ConfigError, LanePartition, registryOf, type ServiceLink, type ServiceScope } from "@streamgauge/core";
import { startSplitter } from "./partitions/splitter.js";
import type { MetricsConfig } from "./settings.js";
import { start } from "./start.js";

/** Starts the partitions of a lane that PARTITION names, all if it names none, and with several also a splitter. @throws ConfigError */
export async function startPartitions(scope: ServiceScope, config: MetricsConfig, link: ServiceLink): Promise<void> {
  const { PARTITIONS: of } = config;
  const indices = chosen(config);
  if (of === 1) return void (await start(scope, config, link));
  for (const index of indices) await start(scope, config, partitionLink(link, index, of));
  scope.own(await startSplitter({ ...link, partitions: of }));
}

function chosen({ PARTITION, PARTITIONS }: MetricsConfig): readonly number[] {
  const none = PARTITION.find((index) => index > PARTITIONS);
  if (none !== undefined)
    throw new ConfigError([`PARTITION names partition ${none}, and PARTITIONS is ${PARTITIONS}: give numbers up to ${PARTITIONS}.`]);
  return PARTITION.length === 0 ? Array.from({ length: PARTITIONS }, (_, i) => i + 1) : PARTITION;
}

/** The link of one partition: its metrics and its log lines say which. */
function partitionLink(link: ServiceLink, index: number, of: number): ServiceLink {
  const { lane, name } = new LanePartition(link.lane, index, of);
  const registry = registryOf(lane, name);
  link.health.addRegistry(registry);
  return { ...link, registry, log: link.log.child({ name: `metrics.${name}` }), partition: index };
}
