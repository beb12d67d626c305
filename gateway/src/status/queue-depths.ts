import {
  ALERTS_QUEUE,
  DEAD_QUEUE,
  FEATURE_WINDOWS_QUEUE,
  gatewayQueuesOf,
  joinQueuesOf,
  queuesOf,
  WINDOWS_QUEUE,
  type Bus,
} from "@streamgauge/core";

/** The depth of each queue that a lane has to do with; empty while the link is down. */
export async function depthsOf(bus: Bus, lane: string, partitions: number): Promise<Record<string, number>> {
  if (!bus.connected) return {};
  const shared = [WINDOWS_QUEUE, FEATURE_WINDOWS_QUEUE, ALERTS_QUEUE, DEAD_QUEUE];
  const names = [queuesOf(lane).features, ...joinQueuesOf(lane, partitions), ...Object.values(gatewayQueuesOf(lane)), ...shared];
  try {
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await bus.depth(name)] as const)));
  } catch {
    // The link is down.
    return {};
  }
}
