import {
  LanePartition,
  labelsOf,
  MOST_PARTITIONS,
  OtherPartitionsError,
  PARTITIONS_QUEUE,
  predictionsOf,
  queuesOf,
  type Address,
  type Bus,
} from "@streamgauge/core";
import { moveMessages } from "./move-messages.js";

/** Connects to the broker as a service with so many partitions does. @throws OtherPartitionsError if the broker has another number */
export type Connect = (lanes: readonly string[], partitions: number) => Promise<Bus>;

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

/** How often another number is replaced that a service declares again meanwhile. */
const TRIES = 5;

/** A queue of a partition, where it gets messages from, and the queue of the lane that takes all ids. */
interface SideQueue {
  readonly queue: string;
  readonly from: Address;
  readonly whole: string;
}

/** Both queues of a partition; the labels come last, as `numbersOf` looks for them. */
function sidesOf({ lane, index, of, queues }: LanePartition): readonly SideQueue[] {
  const { labels, predictions } = queuesOf(lane);
  return [
    { queue: queues.predictions, from: predictionsOf(lane, index, of), whole: predictions },
    { queue: queues.labels, from: labelsOf(index, of), whole: labels },
  ];
}

/** The queues of all partitions of a lane, those of the first one last; none with one partition, whose queues are those of the lane. */
function queuesOfPartitions(lane: string, partitions: number): readonly SideQueue[] {
  return partitions === 1 ? [] : LanePartition.all(lane, partitions).toReversed().flatMap(sidesOf);
}

/** @throws MessagesWaitError */
export async function requireEmptyQueues(bus: Pick<Bus, "depth">, lanes: readonly string[], partitions: number): Promise<void> {
  for (const { queue } of lanes.flatMap((lane) => queuesOfPartitions(lane, partitions))) {
    const messages = await bus.depth(queue);
    if (messages > 0) throw new MessagesWaitError(queue, messages);
  }
}

/**
 * Brings the broker to this number of partitions, whatever it has. What a service with another number still sends goes to the queues of all ids
 * from now on, and so does what waits in queues of other partitions, which are removed then. Nothing is lost if it is killed; it goes on when it is run again.
 *
 * @returns a bus with this number. @throws NoRoomError
 */
export async function bringBrokerTo(connect: Connect, lanes: readonly string[], partitions: number): Promise<Bus> {
  const bus = await connectAnyway(connect, lanes, partitions);
  try {
    for (const lane of lanes) {
      // They led to the queue of all ids, if another number was left for this one before.
      for (const { from, whole } of queuesOfPartitions(lane, partitions)) await bus.unbind(whole, from);
      for (const others of await numbersOf(bus, lane, partitions)) await removeNumber(bus, lane, others);
    }
    return bus;
  } catch (error) {
    await bus.close();
    throw error;
  }
}

/** Replaces the number that the broker holds. */
async function connectAnyway(connect: Connect, lanes: readonly string[], partitions: number): Promise<Bus> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await connect(lanes, partitions);
    } catch (error) {
      if (!(error instanceof OtherPartitionsError) || tries === TRIES) throw error;
      const bus = await connect(lanes, error.held);
      await bus.remove(PARTITIONS_QUEUE);
      await bus.close();
    }
  }
}

/** The other numbers of partitions that the lane has queues of: their first one goes last. */
async function numbersOf(bus: Bus, lane: string, partitions: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let of = 2; of <= MOST_PARTITIONS; of += 1)
    if (of !== partitions && (await bus.exists(new LanePartition(lane, 1, of).queues.labels))) found.push(of);
  return found;
}

/**
 * Quorum queues cannot be deleted on condition that they are empty (RabbitMQ answers 540). So each is cut off first, and looked at again. A copy
 * for a gateway keeps its own bindings: a prediction that only it took would be confirmed and missing in the join.
 */
async function removeNumber(bus: Bus, lane: string, partitions: number): Promise<void> {
  const sides = queuesOfPartitions(lane, partitions);
  for (const { queue, from, whole } of sides) {
    await bus.bind(whole, from);
    if (await bus.exists(queue)) await bus.unbind(queue, from);
  }
  for (const { queue, whole } of sides) {
    if (!(await bus.exists(queue))) continue;
    // What was on its way when the queue was cut off has arrived at the second look.
    while ((await moveMessages(bus, queue, whole)) > 0 || (await bus.depth(queue)) > 0);
    await bus.remove(queue);
  }
}
