import { QueueTakenError, type Address, type Delivery, type Message } from "../bus.js";
import type { QueueDeclaration, Topology } from "../topology.js";

/** A message with the properties that the bus adds. A notice has no messageId. */
export interface SignedMessage extends Message {
  readonly messageId: string | undefined;
  readonly appId: string;
}

/** A message in a queue: as sent, and how often it was handed out and came back. */
export interface Stored {
  readonly message: SignedMessage;
  readonly to: Address;
  returns: number;
}

/** Someone who reads a queue; `take` is called with at most `prefetch` messages unsettled. */
export interface Reader {
  readonly prefetch: number;
  readonly exclusive: boolean;
  readonly take: (stored: Stored) => void;
  inHand: number;
}

/** Runs a task soon, never at once. Tests give one that reorders. */
export type Defer = (task: () => void) => void;

/**
 * A broker in this process that behaves as RabbitMQ does where it matters to a service: messages stay until they
 * are acknowledged, a prefetch bounds what is handed out, what a reader leaves unanswered goes back to the head of
 * its queue and is counted, and a full queue refuses. It keeps nothing after the process ends.
 */
export class MemoryBroker {
  readonly #queues = new Map<string, MemoryQueue>();
  readonly #bindings = new Map<string, { readonly kind: "direct" | "fanout"; readonly queues: [string, MemoryQueue][] }>();
  readonly #listeners = new Map<string, Set<(delivery: Delivery) => void>>();
  readonly defer: Defer;
  #published = 0;

  constructor(topology: Topology, defer: Defer = setImmediate) {
    this.defer = defer;
    for (const { name, kind } of topology.exchanges) this.#bindings.set(name, { kind, queues: [] });
    for (const declaration of topology.queues) {
      const queue = new MemoryQueue(declaration, defer);
      this.#queues.set(declaration.name, queue);
      this.#exchange(declaration.from.exchange).queues.push([declaration.from.routingKey, queue]);
    }
  }

  #exchange(name: string) {
    const exchange = this.#bindings.get(name);
    if (exchange === undefined) throw new Error(`There is no exchange ${name}.`);
    return exchange;
  }

  /** A messageId that no other message of this broker has. */
  nextMessageId(): string {
    return `memory-${(this.#published++).toString(36)}`;
  }

  queue(name: string): MemoryQueue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new Error(`There is no queue ${name}.`);
    return queue;
  }

  /** Puts the message in every queue bound for the address, or in none: then it returns the queue that is full, or undefined for no queue. */
  offer(
    to: Address,
    message: SignedMessage,
  ): { readonly stored: true } | { readonly stored: false; readonly full: MemoryQueue | undefined } {
    const bound = this.#boundFor(to);
    if (bound.length === 0) return { stored: false, full: undefined };
    const full = bound.find((queue) => !queue.hasRoom);
    if (full !== undefined) return { stored: false, full };
    for (const queue of bound) queue.push({ message, to, returns: 0 });
    return { stored: true };
  }

  #boundFor({ exchange, routingKey }: Address): MemoryQueue[] {
    // The exchange without a name takes messages for each queue under the queue's own name.
    if (exchange === "") return [...this.#queues.values()].filter(({ name }) => name === routingKey);
    const { kind, queues } = this.#bindings.get(exchange) ?? { kind: "direct", queues: [] };
    return queues.filter(([key]) => kind === "fanout" || key === routingKey).map(([, queue]) => queue);
  }

  announce(exchange: string, message: SignedMessage): void {
    for (const hear of this.#listeners.get(exchange) ?? []) {
      this.defer(() => hear(asDelivery({ message, to: { exchange, routingKey: "" }, returns: 0 }, "")));
    }
  }

  listen(exchange: string, hear: (delivery: Delivery) => void): () => void {
    const listeners = this.#listeners.get(exchange) ?? new Set();
    this.#listeners.set(exchange, listeners.add(hear));
    return () => listeners.delete(hear);
  }
}

/** One queue of the broker in memory. */
export class MemoryQueue {
  readonly name: string;
  readonly #limit: QueueDeclaration["limit"];
  readonly #drops: boolean;
  readonly #defer: Defer;
  #waiting: Stored[] = [];
  #head = 0;
  #bytes = 0;
  readonly #readers: Reader[] = [];
  #nextReader = 0;
  #pumping = false;
  /** Senders that wait for room, the first come first. */
  readonly #senders = new Set<() => void>();

  constructor(declaration: QueueDeclaration, defer: Defer) {
    this.name = declaration.name;
    this.#limit = declaration.limit;
    this.#drops = declaration.overflow === "drop-head";
    this.#defer = defer;
  }

  /** Messages that wait, not counting those in hand. */
  get depth(): number {
    return this.#waiting.length - this.#head;
  }

  /** As RabbitMQ, a queue takes one message that exceeds its limit in bytes. */
  get hasRoom(): boolean {
    return this.#drops || this.#isWithinLimit;
  }

  get #isWithinLimit(): boolean {
    if (this.#limit === undefined) return true;
    return this.depth < this.#limit.messages && this.#bytes < this.#limit.bytes;
  }

  /** Calls `wake` once when there may be room; returns how to give up. */
  awaitRoom(wake: () => void): () => void {
    this.#senders.add(wake);
    return () => this.#senders.delete(wake);
  }

  /** As many senders as there is room for; each looks again whether there is. */
  #wakeSenders(): void {
    let room = (this.#limit?.messages ?? Infinity) - this.depth;
    for (const wake of this.#senders) {
      if (room-- <= 0) return;
      this.#senders.delete(wake);
      wake();
    }
  }

  push(stored: Stored): void {
    while (this.#drops && this.depth > 0 && !this.#isWithinLimit) this.get();
    this.#waiting.push(stored);
    this.#bytes += stored.message.body.length;
    this.#pump();
  }

  /** Messages that came back unanswered, to the head, in the order in which they were handed out. */
  putBack(returned: readonly Stored[]): void {
    for (const stored of returned) {
      stored.returns += 1;
      this.#bytes += stored.message.body.length;
    }
    this.#waiting = [...returned, ...this.#waiting.slice(this.#head)];
    this.#head = 0;
    this.#pump();
  }

  /** The next message, for someone who does not want to be a reader. */
  get(): Stored | undefined {
    const stored = this.#waiting[this.#head];
    if (stored === undefined) return undefined;
    this.#head += 1;
    this.#bytes -= stored.message.body.length;
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    this.#wakeSenders();
    return stored;
  }

  addReader(reader: Reader): void {
    if (this.#readers.some(({ exclusive }) => exclusive) || (reader.exclusive && this.#readers.length > 0)) {
      throw new QueueTakenError(this.name);
    }
    this.#readers.push(reader);
    this.#pump();
  }

  removeReader(reader: Reader): void {
    const index = this.#readers.indexOf(reader);
    if (index >= 0) this.#readers.splice(index, 1);
  }

  /** A reader settled a message and may have room for another. */
  settled(reader: Reader): void {
    reader.inHand -= 1;
    this.#pump();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#defer(() => {
      this.#pumping = false;
      while (this.depth > 0) {
        const reader = this.#readyReader();
        const stored = reader === undefined ? undefined : this.get();
        if (reader === undefined || stored === undefined) return;
        reader.inHand += 1;
        reader.take(stored);
      }
    });
  }

  /** Readers take turns, as consumers of a RabbitMQ queue do. */
  #readyReader(): Reader | undefined {
    for (let tried = 0; tried < this.#readers.length; tried += 1) {
      const reader = this.#readers[this.#nextReader++ % this.#readers.length];
      if (reader !== undefined && reader.inHand < reader.prefetch) return reader;
    }
    return undefined;
  }
}

/** A stored message as a reader of `queue` sees it. */
export function asDelivery({ message, to, returns }: Stored, queue: string): Delivery {
  return {
    body: message.body,
    contentType: message.contentType === "" ? undefined : message.contentType,
    contentEncoding: message.contentEncoding,
    type: message.type === "" ? undefined : message.type,
    messageId: message.messageId,
    appId: message.appId,
    // AMQP carries whole seconds.
    timestamp: message.timestamp === undefined ? undefined : Math.floor(message.timestamp / 1000) * 1000,
    headers: message.headers,
    source: { ...to, queue },
    returns,
  };
}
