import { setTimeout as delay } from "node:timers/promises";
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

/** Between two looks for messages that have arrived, in ms. */
const LOOK_MS = 1_000;
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
 * What was sent to a queue before it was cut off may take so long to arrive, in ms: then a publisher of ours gives its link up and sends it again, to where
 * its address leads by then. RabbitMQ confirms a message that is on its way to a queue which is deleted, so it would be lost.
 */
const UNDER_WAY_MS = 40_000;

/** How messages on their way are waited for. */
export interface UnderWay {
  /** Says a sentence to the user. */
  readonly say?: (text: string) => void;
  /** Default: 40 s; none if no other process reaches the broker. */
  readonly ms?: number;
}

/**
 * Brings the broker to this number of partitions, whatever it has. What a service with another number still sends goes to the queues of all ids
 * from now on, and so does what waits in queues of other partitions, which are removed then. Nothing is lost if it is killed; it goes on when it is run again.
 *
 * @returns a bus with this number. @throws NoRoomError
 */
export async function bringBrokerTo(connect: Connect, lanes: readonly string[], partitions: number, underWay: UnderWay = {}): Promise<Bus> {
  const bus = await connectAnyway(connect, lanes, partitions);
  try {
    const others: SideQueue[] = [];
    for (const lane of lanes) {
      // They led to the queue of all ids, if another number was left for this one before.
      for (const { from, whole } of queuesOfPartitions(lane, partitions)) await bus.unbind(whole, from);
      for (const other of await numbersOf(bus, lane, partitions)) others.push(...queuesOfPartitions(lane, other));
    }
    if (others.length > 0) await removeQueues(bus, others, underWay);
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
 * Quorum queues cannot be deleted on condition that they are empty (RabbitMQ answers 540). So they are cut off first, and emptied until all that was on its
 * way has arrived. A copy for a gateway keeps its own bindings: a prediction that only it took would be confirmed and missing in the join.
 */
async function removeQueues(bus: Bus, sides: readonly SideQueue[], { say, ms = bus.isShared ? UNDER_WAY_MS : 0 }: UnderWay): Promise<void> {
  for (const { queue, from, whole } of sides) {
    await bus.bind(whole, from);
    if (await bus.exists(queue)) await bus.unbind(queue, from);
  }
  const cutOffAt = performance.now();
  if (ms > 0) say?.(`The queues of other partitions are cut off. Messages on their way to them are waited for: ${ms / 1_000} s.`);
  for (let left = ms; left > 0; left = ms - (performance.now() - cutOffAt)) {
    await empty(bus, sides);
    await delay(Math.min(LOOK_MS, left));
  }
  await empty(bus, sides);
  for (const { queue } of sides) await bus.remove(queue);
}

/** Moves all that waits to the queues of all ids. */
async function empty(bus: Bus, sides: readonly SideQueue[]): Promise<void> {
  for (const { queue, whole } of sides) {
    if (!(await bus.exists(queue))) continue;
    while ((await moveMessages(bus, queue, whole)) > 0 || (await bus.depth(queue)) > 0);
  }
}
