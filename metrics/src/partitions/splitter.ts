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
  readRefusedCount,
  RefusalReport,
  refusedRows,
  writeRefusedCount,
  type Bus,
  type Closable,
  type Delivery,
  type Handler,
  type HeaderValue,
  type Logger,
  type Message,
  type Outcome,
  type Refusal,
  type RefusedCount,
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
 * partition. A message is acknowledged when all of its parts are confirmed. Any number of processes compete for the messages. Rows that it refuses go to
 * the dead letters, and the first partition counts them.
 */
export async function startSplitter({ bus, log, lane, partitions }: SplitterOptions): Promise<Closable> {
  const queues = LanePartition.all(lane, partitions).map((each) => each.queues);
  const { labels, predictions } = queuesOf(lane);
  const refused = new RefusalReport(log);
  const handler = (side: Side, split: Split): Handler => {
    const queueOf = (partition: number) => queues[partition - 1]?.[side] ?? "";
    return dropRefusals(lane, (delivery) => divide({ bus, log, refused, queueOf, split }, delivery));
  };
  const readers = await Promise.all([
    bus.consume(labels, handler("labels", labelParts(partitions)), { prefetch: PREFETCH }),
    bus.consume(predictions, handler("predictions", predictionParts(partitions)), { prefetch: PREFETCH }),
  ]);
  return {
    close: async () => {
      await Promise.all(readers.map((reader) => reader.close()));
      refused.close();
    },
  };
}

type Side = "labels" | "predictions";

/** What a message is divided into, by partition, and which of its rows cannot be used. @throws FrameRefusedError */
type Split = (delivery: Delivery) => {
  readonly parts: readonly { readonly partition: number; readonly message: Message }[];
  readonly refusals: readonly Refusal[];
  /** Whether they are corrections of labels. */
  readonly correction: boolean;
};

interface Splitting {
  readonly bus: Bus;
  readonly log: Logger;
  readonly refused: RefusalReport;
  /** The queue of a partition. */
  readonly queueOf: (partition: number) => string;
  readonly split: Split;
}

function labelParts(partitions: number): Split {
  return (delivery) => {
    const { frame, refusals } = labelContract.read(delivery);
    const parts = divideLabels(frame, partitions).map(({ partition, frame: part }) => ({
      partition,
      message: asSent(delivery, labelContract.write(part, formatOf(delivery), originOf(delivery))),
    }));
    return { parts, refusals, correction: frame.correction !== undefined };
  };
}

function predictionParts(partitions: number): Split {
  return (delivery) => {
    const { frame, refusals } = predictionContract.read(delivery);
    const parts = dividePredictions(frame, partitions).map(({ partition, frame: part }) => ({
      partition,
      message: asSent(delivery, predictionContract.write(part, formatOf(delivery), originOf(delivery))),
    }));
    return { parts, refusals, correction: false };
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

async function divide(splitting: Splitting, delivery: Delivery): Promise<Outcome> {
  try {
    const counted = readRefusedCount(delivery);
    // It was moved here from a partition when their number changed.
    if (counted !== undefined) return await refuse(splitting, counted, DONE);
    return await sendParts(splitting, delivery).catch((error: unknown) => refuseRows(splitting, [refusalOf(error)], false));
  } catch (error) {
    if (!(error instanceof BusClosedError)) splitting.log.error(`A message could not be divided: ${errorText(error)}`);
    return { kind: "retry", reason: `its parts could not be sent: ${errorText(error)}` };
  }
}

async function sendParts(splitting: Splitting, delivery: Delivery): Promise<Outcome> {
  const { parts, refusals, correction } = splitting.split(delivery);
  failpoint("splitter-before-publish");
  const addressed = parts.map(({ partition, message }) => ({ to: { exchange: "", routingKey: splitting.queueOf(partition) }, message }));
  await publishEach(splitting.bus, addressed);
  failpoint("splitter-after-confirm");
  return refusals.length === 0 ? DONE : refuseRows(splitting, refusals, correction);
}

/** Why the whole message cannot be used. @throws the error, if the message may be used another time. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof FrameRefusedError) return error.refusal;
  if (error instanceof MessageTooLargeError) return { reason: `a part of it cannot be sent: ${error.message}` };
  throw error;
}

/** Resolves when what is refused is counted. As everywhere, it is counted again if the process dies before the message is acknowledged. */
async function refuseRows(splitting: Splitting, refusals: readonly Refusal[], correction: boolean): Promise<Outcome> {
  const rows = refusedRows(refusals, 1);
  splitting.refused.add(rows, refusals, performance.now());
  return refuse(splitting, { rows, correction }, { kind: "dead", refusals });
}

async function refuse({ bus, queueOf }: Splitting, count: RefusedCount, outcome: Outcome): Promise<Outcome> {
  await bus.publish({ exchange: "", routingKey: queueOf(1) }, writeRefusedCount(count));
  failpoint("splitter-after-count");
  return outcome;
}
