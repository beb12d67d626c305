import type { Refusal } from "../refusal.js";
import type { TraceSpan } from "../tracing/tracing.js";

/** Where a message is sent: an exchange and a routing key of the topology. */
export interface Address {
  readonly exchange: string;
  readonly routingKey: string;
}

/** What a header may carry; all of it survives AMQP unchanged. */
export type HeaderValue = string | number | boolean;

/** A message as a service writes it; the bus adds a unique messageId, and the service's name as appId. */
export interface Message {
  readonly body: Buffer;
  readonly contentType: string;
  /** Encoding of the body, such as `gzip`; undefined for none. */
  readonly contentEncoding?: string;
  /** `features`, `y_true`, `y_pred`, `metric_rows` or `alert`. */
  readonly type: string;
  /** Milliseconds since 1970. AMQP carries whole seconds; `origin` in the headers carries milliseconds. */
  readonly timestamp?: number;
  readonly headers: Readonly<Record<string, HeaderValue>>;
  /** What it is a part of, for a bus that is traced; it is not sent. Default: what runs. */
  readonly spans?: readonly TraceSpan[];
}

/** A message as a service receives it. A property that the sender left out is undefined. */
export interface Delivery {
  readonly body: Buffer;
  readonly contentType: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly type: string | undefined;
  readonly messageId: string | undefined;
  readonly appId: string | undefined;
  readonly timestamp: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Where it was sent to, and the queue that it was read from. */
  readonly source: Address & { readonly queue: string };
  /** How often it was delivered before without an acknowledgement. */
  readonly redeliveries: number;
  /** Its handling, if the bus is traced. */
  readonly span?: TraceSpan;
}

/**
 * What became of a message. It decides the acknowledgement, which the bus does:
 * - `done`: what the message asked for is durable downstream; the broker may forget it.
 * - `retry`: not now; the message goes back to its queue and is delivered again, here or elsewhere.
 * - `dead`: it, or some of its rows, can never be used. The whole message goes to the dead letters with the
 *   reasons, and is acknowledged when it is safe there. Rows of it that were good must be durable by then.
 */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "retry"; readonly reason: string }
  | { readonly kind: "dead"; readonly refusals: readonly Refusal[] };

export const DONE: Outcome = { kind: "done" };

/**
 * Handles one message. Messages are handed over without waiting for earlier ones to be settled, as many as the
 * prefetch allows. A handler that throws gets its message again (`retry`).
 */
export type Handler = (delivery: Delivery) => Promise<Outcome>;

export interface ConsumeOptions {
  /** How many messages may be in flight, unacknowledged. It bounds the memory of the consumer. */
  readonly prefetch: number;
  /**
   * Refuse to read a queue that another consumer reads for itself. Default: any number compete for it. All consumers of a queue
   * must ask for the same: one that did not is waited for, and after some seconds taken for one that is lost with its broker's node.
   */
  readonly exclusive?: boolean;
}

export interface SubscribeOptions {
  /** Called when a lost link stands again: messages may have been missed. */
  readonly onGap?: () => void;
  /** What waits at the broker for a subscriber that is slow; older messages are dropped. Default: 100 notices. */
  readonly most?: { readonly messages: number; readonly bytes: number };
}

/** A consumer that runs. */
export interface Subscription {
  /**
   * Stops deliveries, waits until messages in flight are settled, and acknowledges them. What is not settled within 3 s, because
   * it waits for a full queue or a lost link, goes back to its queue.
   */
  close(): Promise<void>;
}

/** One service's link to the broker. It outlives the broker's absence: a lost link is made again for as long as it takes. */
export interface Bus {
  /**
   * Sends a message to at least one queue, durably.
   *
   * Resolves when the broker has confirmed it. Until then the message is sent again after a lost link, a full queue
   * or a missing one, so a receiver gets it at least once. Rejects with BusClosedError when the bus is
   * closed first, and with MessageTooLargeError, NoRouteError and UnsendableMessageError, if sending again cannot help.
   */
  publish(to: Address, message: Message): Promise<void>;

  /** Sends a notice to the present subscribers: not stored, not confirmed, dropped while the link is down. */
  broadcast(exchange: string, message: Message): void;

  /**
   * Takes messages from a queue until closed. Survives a lost link; unanswered messages are then delivered again.
   * Rejects with QueueTakenError if it asks for the queue alone and another consumer reads it and goes on doing so, and with BusClosedError
   * if the bus is closed, or the signal that it was opened with aborted, while it waits for that.
   */
  consume(queue: string, handler: Handler, options: ConsumeOptions): Promise<Subscription>;

  /**
   * Receives what is broadcast to an exchange, or published to a fanout exchange, from now on: best effort. `subscriber` names the temporary
   * queue behind it.
   */
  subscribe(
    exchange: string,
    subscriber: string,
    onMessage: (delivery: Delivery) => void,
    options?: SubscribeOptions,
  ): Promise<Subscription>;

  /**
   * Takes up to `most` messages from a queue, one at a time, until it is empty, and returns how many. Those that the
   * handler answers `done` are gone; the others go back together at the end.
   */
  drain(queue: string, most: number, handler: Handler): Promise<number>;

  /** Whether the broker has such a queue. */
  exists(queue: string): Promise<boolean>;

  /** How many messages wait in a queue, unread. */
  depth(queue: string): Promise<number>;

  /** Resolves when the queue gets what is sent to that address from now on, also if it did before. Survives a lost link. */
  bind(queue: string, from: Address): Promise<void>;

  /** The queue gets nothing more from that address, until it is bound again or its topology is declared again, as after a lost link. */
  unbind(queue: string, from: Address): Promise<void>;

  /** Deletes a queue, with the messages that wait in it; one that is not there is none. Survives a lost link. */
  remove(queue: string): Promise<void>;

  /** Whether the link is up now. */
  readonly connected: boolean;

  /** Whether the link is up and every queue that is consumed is read: none waits until another reader is gone. */
  readonly isReading: boolean;

  /** Whether other processes reach the same broker. One that is not shared ends with this process, and its messages with it. */
  readonly isShared: boolean;

  /**
   * Ends the link. What was not confirmed is rejected with BusClosedError. Rejects with UnfinishedError, after all is closed,
   * if the broker was connected and stopped answering.
   */
  close(): Promise<void>;
}

/** The broker did not answer the close: it may have missed the last messages and acknowledgements. */
export class UnfinishedError extends Error {
  override readonly name = "UnfinishedError";

  /** @param broker - its name, as a transport says it. */
  constructor(broker = "The broker") {
    super(
      `${broker} does not answer: messages in flight are not acknowledged or confirmed, and are delivered or sent again after the next start.`,
    );
  }
}

/** The bus was closed while a message was still unconfirmed, or was used after. */
export class BusClosedError extends Error {
  override readonly name = "BusClosedError";
  readonly address: Address | undefined;

  constructor(address?: Address) {
    super(
      address === undefined
        ? "The bus is closed."
        : `The bus was closed before the message to ${address.exchange}/${address.routingKey} was confirmed.`,
    );
    this.address = address;
  }
}

/** A body above the size that every supported broker takes, or above that of the broker at hand. */
export class MessageTooLargeError extends Error {
  override readonly name = "MessageTooLargeError";
  readonly bytes: number;
  readonly limit: number;

  /** @param brokerLimit - if the limit is the broker's own: whose it is, and how to raise it. */
  constructor(bytes: number, limit: number, brokerLimit?: { readonly of: string; readonly remedy: string }) {
    const [whose, or] = brokerLimit === undefined ? ["", ""] : [` of ${brokerLimit.of}`, `, or ${brokerLimit.remedy}`];
    super(`A message of ${bytes} bytes is above the limit of ${limit}${whose}: send fewer rows a frame (FRAME_ROWS) or a request${or}.`);
    this.bytes = bytes;
    this.limit = limit;
  }
}

/** Nothing that this program declares takes messages sent to that address. */
export class NoRouteError extends Error {
  override readonly name = "NoRouteError";
  readonly address: Address;

  constructor(address: Address) {
    super(
      `No queue takes messages sent to the exchange ${JSON.stringify(address.exchange)} with the routing key ${JSON.stringify(address.routingKey)}: ` +
        "check the lane's name.",
    );
    this.address = address;
  }
}

/** The transport cannot carry the message's headers or properties, on this link or any other. */
export class UnsendableMessageError extends Error {
  override readonly name = "UnsendableMessageError";
  readonly address: Address;

  constructor(address: Address, detail: string, options?: ErrorOptions) {
    super(`The message to ${address.exchange}/${address.routingKey} cannot be sent: ${detail}`, options);
    this.address = address;
  }
}

/** A queue has a reader that does not share it, or that would have to. */
export class QueueTakenError extends Error {
  override readonly name = "QueueTakenError";
  readonly queue: string;

  /** @param advice - what else a transport has to say, as a sentence. */
  constructor(queue: string, advice = "", options?: ErrorOptions) {
    super(`Another process reads the queue ${queue}, and only one may: stop that one first.${advice === "" ? "" : ` ${advice}`}`, options);
    this.queue = queue;
  }
}

/** The broker holds a queue or an exchange of that name with other arguments. */
export class TopologyError extends Error {
  override readonly name: string = "TopologyError";
  readonly detail: string;

  /** @param broker - its name, and what may be done in place of deleting the queue, as a transport says it. */
  constructor(
    detail: string,
    broker: { readonly name: string; readonly or: string } = { name: "The broker", or: "" },
    options?: ErrorOptions,
  ) {
    super(
      `${broker.name} already has a queue or exchange of that name that was declared differently: ${detail}. ` +
        `Empty and delete it${broker.or === "" ? "" : ` (or ${broker.or})`}, then start again.`,
      options,
    );
    this.detail = detail;
  }
}

/** The broker, or a folder of logs, is laid out for another number of partitions. */
export class OtherPartitionsError extends TopologyError {
  override readonly name = "OtherPartitionsError";
  readonly wanted: number;
  readonly held: number;

  /** @param holder - what has them, such as `RabbitMQ`, or a folder. */
  constructor(
    { holder, wanted, held }: { readonly holder: string; readonly wanted: number; readonly held: number },
    options?: ErrorOptions,
  ) {
    super(`${held} partitions`, undefined, options);
    const partitions = held === 1 ? "one partition" : `${held} partitions`;
    this.message =
      `${holder} is laid out for ${partitions} of metrics, and PARTITIONS is ${wanted}: set PARTITIONS=${held} for every service, or stop them all and ` +
      `run "streamgauge repartition --to ${wanted}".`;
    this.wanted = wanted;
    this.held = held;
  }
}
