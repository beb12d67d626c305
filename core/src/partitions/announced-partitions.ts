import { OtherPartitionsError } from "../bus/bus.js";
import type { MetricNotice } from "../frames/metric-notice.js";
import { LanePartition } from "../lane-partition.js";

/**
 * What a reader cannot go on with: metrics, as it announces itself, has another number of partitions. RabbitMQ refuses such a reader when it connects, but not
 * one that was there before.
 *
 * @param wanted - PARTITIONS of the reader. @returns undefined if the numbers are the same, or the notice does not say.
 */
export function otherPartitionsIn(
  { lane, partition = lane }: Pick<MetricNotice, "lane" | "partition">,
  wanted: number,
): OtherPartitionsError | undefined {
  const held = LanePartition.beside(lane, partition)?.length;
  return held === undefined || held === wanted ? undefined : new OtherPartitionsError({ holder: `Lane ${lane}`, wanted, held });
}
