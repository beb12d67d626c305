import { isPartitionName, CHAMPION, LanePartition, partName, type PartitionQueues } from "../lane-partition.js";
import { MessageTooLargeError, type Address, type Message } from "./bus.js";

/**
 * What the broker holds, as values. Every service declares all of it at start, so start order never matters.
 * Changing an argument of an existing queue is refused by RabbitMQ: give the queue another name then.
 */
export interface Topology {
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queues: readonly QueueDeclaration[];
  /** Queues of other topologies, which must not be there. If one is, the broker refuses this declaration of it and says how they differ. */
  readonly strangers?: readonly QueueDeclaration[];
}

export interface ExchangeDeclaration {
  readonly name: string;
  readonly kind: "direct" | "fanout";
  readonly durable: boolean;
}

export interface QueueDeclaration {
  readonly name: string;
  readonly from: Address;
  /** More addresses that lead to it. */
  readonly alsoFrom?: readonly Address[];
  /** A full queue refuses what is sent to it, and the sender waits. Undefined: no bound. */
  readonly limit?: { readonly messages: number; readonly bytes: number };
  /** A full queue forgets its oldest message instead, so that it never holds up a sender: for copies that can be had again. */
  readonly overflow?: "drop-head";
}

/** Notices of rows just logged; best effort. */
export const METRICS_EXCHANGE = "metrics";
/** Where windows that changed are sent, and the queue that keeps them for the gateway. */
export const WINDOWS: Address = { exchange: "windows", routingKey: "" };
export const WINDOWS_QUEUE = "windows";
/** The same for windows of features. */
export const FEATURE_WINDOWS: Address = { exchange: "feature-windows", routingKey: "" };
export const FEATURE_WINDOWS_QUEUE = "feature-windows";
/** Asks every metrics to send all its windows; best effort. */
export const WINDOW_REQUESTS_EXCHANGE = "window-requests";
/** Where dead letters go, and the one queue that keeps them. */
export const DEAD_EXCHANGE = "dead";
export const DEAD_QUEUE = "dead-letters";
/** Which dead letters were sent back; best effort. */
export const RESENT_EXCHANGE = "dead-letters-resent";

/** Asks the other partitions of a lane for the figures of its rules, and brings what they answer; best effort. */
export const FIGURE_QUESTIONS_EXCHANGE = "figure-questions";
export const FIGURE_ANSWERS_EXCHANGE = "figure-answers";

/** Where alerts are sent, and the queue that the service alerts reads. More queues may be bound to the exchange. */
export const ALERTS: Address = { exchange: "alerts", routingKey: "" };
export const ALERTS_QUEUE = "alerts";

export const FEATURES: Address = { exchange: "rows", routingKey: "features" };
export const LABELS: Address = { exchange: "rows", routingKey: "y_true" };

/** Where labels of a partition are sent, of all lanes; by default those of all ids. */
export function labelsOf(index = 1, of = 1): Address {
  return of === 1 ? LABELS : { exchange: LABELS.exchange, routingKey: `${LABELS.routingKey}.${partName(index, of)}` };
}

/** Where predictions of a partition of a lane are sent; by default those of all ids. */
export function predictionsOf(lane: string, index = 1, of = 1): Address {
  return { exchange: "predictions", routingKey: new LanePartition(lane, index, of).name };
}

/**
 * Where rows of all ids go that were meant for one partition: the number of partitions may have changed since, and a row may have been in the wrong
 * one. Other addresses stay as they are.
 */
export function addressOfAllIds({ exchange, routingKey }: Address): Address {
  // Splitters send to a queue by its name, through the default exchange.
  const parts = routingKey.split(".").filter((part, i) => i === 0 || !isPartitionName(part));
  const isDivided = exchange === LABELS.exchange || exchange === "predictions" || (exchange === "" && parts[0] === "metrics");
  return isDivided ? { exchange, routingKey: parts.join(".") } : { exchange, routingKey };
}

/** The queues of one lane: rows for its models, and both sides of its join for all ids. */
export function queuesOf(lane: string): PartitionQueues {
  return new LanePartition(lane).queues;
}

/** All queues of a lane in which rows wait: of several partitions also those of each. */
export function joinQueuesOf(lane: string, partitions: number): readonly string[] {
  const of = (queues: PartitionQueues) => [queues.labels, queues.predictions];
  return [...of(queuesOf(lane)), ...(partitions === 1 ? [] : LanePartition.all(lane, partitions).flatMap(({ queues }) => of(queues)))];
}

/** Holds the number of partitions, if there are several: as its greatest length, which no other declaration can change. No message comes to it. */
export const PARTITIONS_QUEUE = "partitions";

/**
 * What a data queue holds at most before it refuses more: seconds of one-row messages, or some dozens of large frames.
 * More would only let the sides of the join drift apart.
 */
const LIMIT = { messages: 20_000, bytes: 16 * 1024 * 1024 };

/** What the queue of alerts holds while its reader is away: years of alerts, at some a day. Then metrics keeps them. */
const ALERTS_LIMIT = { messages: 10_000, bytes: 16 * 1024 * 1024 };
/** What waits for a gateway: some days of windows. Later ones push out earlier ones, which a gateway asks for when it starts. */
const WINDOWS_LIMIT = { messages: 20_000, bytes: 64 * 1024 * 1024 };

/** The whole topology for these lanes. @param partitions - of each lane. */
export function topologyOf(lanes: readonly string[], partitions = 1): Topology {
  return {
    exchanges: [
      { name: FEATURES.exchange, kind: "direct", durable: true },
      { name: "predictions", kind: "direct", durable: true },
      { name: DEAD_EXCHANGE, kind: "fanout", durable: true },
      { name: METRICS_EXCHANGE, kind: "fanout", durable: true },
      { name: ALERTS.exchange, kind: "fanout", durable: true },
      { name: WINDOWS.exchange, kind: "fanout", durable: true },
      { name: FEATURE_WINDOWS.exchange, kind: "fanout", durable: true },
      { name: WINDOW_REQUESTS_EXCHANGE, kind: "fanout", durable: true },
      { name: RESENT_EXCHANGE, kind: "fanout", durable: true },
      ...(partitions === 1 ? [] : FIGURE_EXCHANGES),
    ],
    queues: [
      // Without a bound: a full one would hold back the queues whose bad messages it is there to take away.
      { name: DEAD_QUEUE, from: { exchange: DEAD_EXCHANGE, routingKey: "" } },
      { name: ALERTS_QUEUE, from: ALERTS, limit: ALERTS_LIMIT },
      { name: WINDOWS_QUEUE, from: WINDOWS, limit: WINDOWS_LIMIT, overflow: "drop-head" },
      { name: FEATURE_WINDOWS_QUEUE, from: FEATURE_WINDOWS, limit: WINDOWS_LIMIT, overflow: "drop-head" },
      ...lanes.flatMap((lane) => {
        const queues = queuesOf(lane);
        // A lane beside the champion misses rows rather than hold up those who send them.
        const bound = lane === CHAMPION ? { limit: LIMIT } : ({ limit: LIMIT, overflow: "drop-head" } as const);
        return [
          { name: queues.features, from: FEATURES, ...bound },
          { name: queues.labels, from: LABELS, ...bound },
          { name: queues.predictions, from: predictionsOf(lane), ...bound },
          ...partitionQueues(lane, partitions).map((queue) => ({ ...queue, ...bound })),
        ];
      }),
      ...(partitions === 1 ? [] : [partitionsQueue(partitions)]),
    ],
    ...(partitions === 1 ? { strangers: [partitionsQueue(1)] } : {}),
  };
}

const FIGURE_EXCHANGES: readonly ExchangeDeclaration[] = [
  { name: FIGURE_QUESTIONS_EXCHANGE, kind: "fanout", durable: true },
  { name: FIGURE_ANSWERS_EXCHANGE, kind: "fanout", durable: true },
];

/** Nothing is sent to where it gets messages from. */
function partitionsQueue(partitions: number): QueueDeclaration {
  const from = { exchange: FEATURES.exchange, routingKey: PARTITIONS_QUEUE };
  return { name: PARTITIONS_QUEUE, from, limit: { messages: partitions, bytes: 1_000 } };
}

function partitionQueues(lane: string, partitions: number): readonly Pick<QueueDeclaration, "name" | "from">[] {
  if (partitions === 1) return [];
  return LanePartition.all(lane, partitions).flatMap(({ index, of, queues }) => [
    { name: queues.labels, from: labelsOf(index, of) },
    { name: queues.predictions, from: predictionsOf(lane, index, of) },
  ]);
}

/** The queues of a gateway: copies of a lane's predictions, of the labels, and of dead letters. */
export function gatewayQueuesOf(lane: string): { readonly predictions: string; readonly labels: string; readonly refused: string } {
  return { predictions: `gateway.${lane}.y_pred`, labels: `gateway.${lane}.y_true`, refused: `gateway.${lane}.refused` };
}

/** What a queue of copies holds while its reader is away: a million single rows, or a quarter of a gigabyte of frames. */
const COPIES_LIMIT = { messages: 1_000_000, bytes: 256 * 1024 * 1024 };

/** The topology with a gateway's queues. Only a process with a gateway declares them, so that no broker stores copies without a reader. */
export function withGateway(topology: Topology, lane: string, partitions = 1): Topology {
  const names = gatewayQueuesOf(lane);
  const copies = { limit: COPIES_LIMIT, overflow: "drop-head" } as const;
  const { predictions, labels } = copiedFrom(lane, partitions);
  return {
    ...topology,
    queues: [
      ...topology.queues,
      { name: names.predictions, ...copies, ...sources(predictions) },
      { name: names.labels, ...copies, ...sources(labels) },
      { name: names.refused, from: { exchange: DEAD_EXCHANGE, routingKey: "" }, ...copies },
    ],
  };
}

/** All addresses to which predictions and labels of a lane are sent, the one for all ids first. */
export function copiedFrom(lane: string, partitions: number): Readonly<Record<"predictions" | "labels", readonly [Address, ...Address[]]>> {
  const each = partitions === 1 ? [] : LanePartition.all(lane, partitions);
  return {
    predictions: [predictionsOf(lane), ...each.map(({ index, of }) => predictionsOf(lane, index, of))],
    labels: [LABELS, ...each.map(({ index, of }) => labelsOf(index, of))],
  };
}

function sources([from, ...also]: readonly [Address, ...Address[]]): Pick<QueueDeclaration, "from" | "alsoFrom"> {
  return also.length === 0 ? { from } : { from, alsoFrom: also };
}

/** All addresses that lead to a queue. */
export function sourcesOf({ from, alsoFrom = [] }: QueueDeclaration): readonly Address[] {
  return [from, ...alsoFrom];
}

/** How often a message may come back unacknowledged before a consumer gives it up as one that kills its consumers. */
export const MAX_REDELIVERIES = 50;

/** From this many redeliveries on, a consumer warns of a message. */
export const SUSPICIOUS_REDELIVERIES = 5;

/** The largest body that is sent or read; RabbitMQ 4 refuses more than 16 MiB by default. */
export const MAX_BODY_BYTES = 15 * 1024 * 1024;

/**
 * Throws if the body exceeds the limit. A dead letter came from the broker, so it may go back.
 *
 * @throws MessageTooLargeError
 */
export function requireSize(to: Address, { body }: Message): void {
  if (body.length > MAX_BODY_BYTES && to.exchange !== DEAD_EXCHANGE) throw new MessageTooLargeError(body.length, MAX_BODY_BYTES);
}

/** Whether a message to this address reaches a queue that the topology declares. */
export function hasRoute({ queues, exchanges }: Topology, to: Address): boolean {
  const kind = exchanges.find(({ name }) => name === to.exchange)?.kind;
  return queues.some((queue) => {
    if (to.exchange === "") return queue.name === to.routingKey;
    return sourcesOf(queue).some((from) => from.exchange === to.exchange && (kind === "fanout" || from.routingKey === to.routingKey));
  });
}
