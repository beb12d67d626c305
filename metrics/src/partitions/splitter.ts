import {
  BusClosedError,
  DONE,
  divideLabels,
  dividePredictions,
  dropRefusals,
  errorText,
  failpoint,
  formatOf,
  FrameRefusedError,
  labelContract,
  LanePartition,
  MessageTooLargeError,
  originOf,
  predictionContract,
  publishEach,
  queuesOf,
  type Addressed,
  type Bus,
  type Closable,
  type Delivery,
  type Handler,
  type HeaderValue,
  type Logger,
  type Message,
  type Outcome,
  type Refusal,
} from "@streamgauge/core";

export interface SplitterOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly lane: string;
  /** 2 or more. */
  readonly partitions: number;
}

/** Messages in flight; each waits for the confirms of its parts. */
const PREFETCH = 500;

/**
 * Divides what producers send who know nothing of partitions: takes labels and predictions of all ids, and sends each row on to the queue of its
 * partition. A message is acknowledged when all of its parts are confirmed. Any number of processes compete for the messages.
 */
export async function startSplitter({ bus, log, lane, partitions }: SplitterOptions): Promise<Closable> {
  const queues = LanePartition.all(lane, partitions).map((each) => each.queues);
  const queueOf = (side: "labels" | "predictions", partition: number) => queues[partition - 1]?.[side] ?? "";
  const { labels, predictions } = queuesOf(lane);
  const handler = (split: Split): Handler => dropRefusals(lane, (delivery) => divide(bus, log, delivery, split));
  const readers = await Promise.all([
    bus.consume(labels, handler(labelParts(partitions, queueOf)), { prefetch: PREFETCH }),
    bus.consume(predictions, handler(predictionParts(partitions, queueOf)), { prefetch: PREFETCH }),
  ]);
  return { close: async () => void (await Promise.all(readers.map((reader) => reader.close()))) };
}

/** What a message is divided into, and which of its rows cannot be used. @throws FrameRefusedError */
type Split = (delivery: Delivery) => { readonly parts: readonly Addressed[]; readonly refusals: readonly Refusal[] };

type QueueOf = (side: "labels" | "predictions", partition: number) => string;

function labelParts(partitions: number, queueOf: QueueOf): Split {
  return (delivery) => {
    const { frame, refusals } = labelContract.read(delivery);
    const parts = divideLabels(frame, partitions).map((part) => ({
      to: { exchange: "", routingKey: queueOf("labels", part.partition) },
      message: asSent(delivery, labelContract.write(part.frame, formatOf(delivery), originOf(delivery))),
    }));
    return { parts, refusals };
  };
}

function predictionParts(partitions: number, queueOf: QueueOf): Split {
  return (delivery) => {
    const { frame, refusals } = predictionContract.read(delivery);
    const parts = dividePredictions(frame, partitions).map((part) => ({
      to: { exchange: "", routingKey: queueOf("predictions", part.partition) },
      message: asSent(delivery, predictionContract.write(part.frame, formatOf(delivery), originOf(delivery))),
    }));
    return { parts, refusals };
  };
}

/** The message with the headers and the time that its sender gave it. */
function asSent({ headers, timestamp, span }: Delivery, message: Message): Message {
  const own = Object.entries(headers).filter((entry): entry is [string, HeaderValue] => isHeaderValue(entry[1]));
  return {
    ...message,
    timestamp: timestamp ?? message.timestamp ?? Date.now(),
    headers: { ...Object.fromEntries(own), ...message.headers },
    ...(span === undefined ? {} : { spans: [span] }),
  };
}

function isHeaderValue(value: unknown): value is HeaderValue {
  return typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}

async function divide(bus: Bus, log: Logger, delivery: Delivery, split: Split): Promise<Outcome> {
  let refusals: readonly Refusal[];
  try {
    const divided = split(delivery);
    refusals = divided.refusals;
    failpoint("splitter-before-publish");
    await publishEach(bus, divided.parts);
    failpoint("splitter-after-confirm");
  } catch (error) {
    if (error instanceof FrameRefusedError) return { kind: "dead", refusals: [error.refusal] };
    if (error instanceof MessageTooLargeError)
      return { kind: "dead", refusals: [{ reason: `a part of it cannot be sent: ${error.message}` }] };
    if (!(error instanceof BusClosedError)) log.error(`A message could not be divided: ${errorText(error)}`);
    return { kind: "retry", reason: `its parts could not be sent: ${errorText(error)}` };
  }
  return refusals.length === 0 ? DONE : { kind: "dead", refusals };
}
