import type { Logger } from "../service/logging.js";
import {
  BusClosedError,
  MessageTooLargeError,
  type Address,
  type Bus,
  type ConsumeOptions,
  type Delivery,
  type Handler,
  type Message,
  type Subscription,
} from "./bus.js";
import { settlementOf } from "./settlement.js";
import { asDelivery, type MemoryBroker, type MemoryQueue, type Reader, type Stored } from "./memory-broker.js";
import { MAX_BODY_BYTES } from "./topology.js";

/** One service's link to a MemoryBroker. Closing it returns what it has in hand, as a lost connection does. */
export class MemoryBus implements Bus {
  readonly #closing = new AbortController();
  readonly #consumers = new Set<MemoryConsumer>();
  readonly #listening = new Set<() => void>();
  #published = 0;

  readonly broker: MemoryBroker;
  readonly name: string;
  readonly log: Logger;

  constructor(broker: MemoryBroker, name: string, log: Logger) {
    this.broker = broker;
    this.name = name;
    this.log = log;
  }

  get connected(): boolean {
    return !this.#closing.signal.aborted;
  }

  async publish(to: Address, message: Message): Promise<void> {
    if (message.body.length > MAX_BODY_BYTES) throw new MessageTooLargeError(message.body.length, MAX_BODY_BYTES);
    const signed = { ...message, appId: `streamgauge-${this.name}`, messageId: `${this.name}-${this.#published++}` };
    // A confirm comes later than the call, as from a broker.
    await new Promise<void>((resolve) => this.broker.defer(resolve));
    for (;;) {
      if (this.#closing.signal.aborted) throw new BusClosedError(to);
      const answer = this.broker.offer(to, signed);
      if (answer.stored) return;
      if (answer.full === undefined) throw new Error(`No queue takes messages for ${to.exchange}/${to.routingKey}.`);
      await Promise.race([answer.full.room, this.#closed()]);
    }
  }

  async #closed(): Promise<void> {
    const { signal } = this.#closing;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }

  announce(exchange: string, message: Message): void {
    if (this.connected) this.broker.announce(exchange, { ...message, appId: `streamgauge-${this.name}`, messageId: "" });
  }

  consume(queue: string, handler: Handler, options: ConsumeOptions): Promise<Subscription> {
    const consumer = new MemoryConsumer(this.broker.queue(queue), handler, options, this);
    this.#consumers.add(consumer);
    return Promise.resolve({
      close: async () => {
        await consumer.finish();
        this.#consumers.delete(consumer);
      },
    });
  }

  listen(exchange: string, _listener: string, hear: (delivery: Delivery) => void): Promise<Subscription> {
    const stop = this.broker.listen(exchange, hear);
    this.#listening.add(stop);
    return Promise.resolve({
      close: () => {
        stop();
        return Promise.resolve();
      },
    });
  }

  async drain(name: string, most: number, handler: Handler): Promise<number> {
    const queue = this.broker.queue(name);
    const kept: Stored[] = [];
    let taken = 0;
    for (; taken < most; taken += 1) {
      const stored = queue.get();
      if (stored === undefined) break;
      const outcome = await handler(asDelivery(stored, name));
      if (outcome.kind !== "done") kept.push(stored);
    }
    queue.putBack(kept);
    return taken;
  }

  depth(queue: string): Promise<number> {
    return Promise.resolve(this.broker.queue(queue).depth);
  }

  close(): Promise<void> {
    this.#closing.abort();
    for (const stop of this.#listening) stop();
    for (const consumer of this.#consumers) consumer.abandon();
    return Promise.resolve();
  }
}

/** Reads one queue for one bus. */
class MemoryConsumer {
  readonly #queue: MemoryQueue;
  readonly #reader: Reader;
  readonly #inHand = new Set<Stored>();
  #abandoned = false;
  #idle: () => void = () => undefined;

  constructor(queue: MemoryQueue, handler: Handler, options: ConsumeOptions, bus: MemoryBus) {
    this.#queue = queue;
    const take = (stored: Stored) => {
      this.#inHand.add(stored);
      const delivery = asDelivery(stored, queue.name);
      void settlementOf(delivery, handler, bus, bus.name, bus.log).then((how) => this.#settle(stored, how));
    };
    this.#reader = { prefetch: options.prefetch, exclusive: options.exclusive ?? false, take, inHand: 0 };
    queue.addReader(this.#reader);
  }

  #settle(stored: Stored, how: "done" | "return"): void {
    if (this.#abandoned) return;
    this.#inHand.delete(stored);
    if (how === "return") this.#queue.putBack([stored]);
    this.#queue.settled(this.#reader);
    if (this.#inHand.size === 0) this.#idle();
  }

  async finish(): Promise<void> {
    this.#queue.removeReader(this.#reader);
    if (this.#inHand.size === 0 || this.#abandoned) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  /** The link is lost: the broker takes back all that was not answered, and later answers count for nothing. */
  abandon(): void {
    if (this.#abandoned) return;
    this.#abandoned = true;
    this.#queue.removeReader(this.#reader);
    this.#queue.putBack([...this.#inHand]);
    this.#inHand.clear();
    this.#idle();
  }
}
