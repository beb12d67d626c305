import { joinQueuesOf, PARTITIONS_QUEUE, queuesOf, type Bus } from "@streamgauge/core";

/** Messages wait in the queues of partitions that are to go. */
export class MessagesWaitError extends Error {
  override readonly name = "MessagesWaitError";
  readonly queue: string;
  readonly messages: number;

  constructor(queue: string, messages: number) {
    super(
      `${messages} messages wait in the queue ${queue}: let metrics take them first. Stop the sources and model, wait until the queues are empty, ` +
        "then stop metrics, and run this again.",
    );
    this.queue = queue;
    this.messages = messages;
  }
}

/** The queues of single partitions of these lanes; none with one partition, whose queues stay. */
function queuesOfPartitions(lanes: readonly string[], partitions: number): readonly string[] {
  return lanes.flatMap((lane) => {
    const { labels, predictions } = queuesOf(lane);
    return joinQueuesOf(lane, partitions).filter((queue) => queue !== labels && queue !== predictions);
  });
}

/** @throws MessagesWaitError */
export async function requireEmptyQueues(bus: Pick<Bus, "depth">, lanes: readonly string[], partitions: number): Promise<void> {
  for (const queue of queuesOfPartitions(lanes, partitions)) {
    const messages = await bus.depth(queue);
    if (messages > 0) throw new MessagesWaitError(queue, messages);
  }
}

/** Removes the queues of these partitions, and the one that holds their number. */
export async function removeQueues(bus: Pick<Bus, "remove">, lanes: readonly string[], partitions: number): Promise<void> {
  if (partitions === 1) return;
  for (const queue of [...queuesOfPartitions(lanes, partitions), PARTITIONS_QUEUE]) await bus.remove(queue);
}
