import { DEAD_QUEUE, gatewayQueuesOf, queuesOf, type Bus } from "@streamgauge/core";

/** The depth of each queue of a lane; empty while the link is down. */
export async function depthsOf(bus: Bus, lane: string): Promise<Record<string, number>> {
  if (!bus.connected) return {};
  const names = [...Object.values(queuesOf(lane)), ...Object.values(gatewayQueuesOf(lane)), DEAD_QUEUE];
  try {
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await bus.depth(name)] as const)));
  } catch {
    // The link is down.
    return {};
  }
}
