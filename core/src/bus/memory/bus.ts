import { Deferred } from "../../deferred.js";
import type { Logger } from "../../logging.js";
import {
  BusClosedError,
  NoRouteError,
  type Address,
  type Bus,
  type ConsumeOptions,
  type Delivery,
  type Handler,
  type Message,
  type Subscription,
} from "../bus.js";
import { guarded } from "../settlement.js";
import { requireSize } from "../topology.js";
import type { MemoryBroker } from "./broker.js";
import { MemoryConsumer } from "./consumer.js";
import { asDelivery, type Stored } from "./message.js";
import type { MemoryQueue } from "./queue.js";

/** One service's link to a MemoryBroker. Closing it returns what is in flight, as a lost connection does. */
export class MemoryBus implements Bus {
  readonly #consumers = new Set<MemoryConsumer>();
  readonly #subscribed = new Set<() => void>();
  readonly #waiting = new Set<Deferred<void>>();
  readonly #unlink: () => void;
  #closed = false;

  readonly isShared = false;
  readonly broker: MemoryBroker;
  readonly name: string;
  readonly log: Logger;

  constructor(broker: MemoryBroker, name: string, log: Logger) {
    this.broker = broker;
    this.name = name;
    this.log = log;
    this.#unlink = broker.link();
  }

  get connected(): boolean {
    return !this.#closed;
  }

  get isReading(): boolean {
    return this.connected;
  }

  async publish(to: Address, message: Message): Promise<void> {
    requireSize(to, message);
    const signed = { ...message, appId: `streamgauge-${this.name}`, messageId: this.broker.nextMessageId() };
    // A confirm comes later than the call, as from a broker.
    await new Promise<void>((resolve) => this.broker.defer(resolve));
    for (;;) {
      this.#requireOpen(to);
      const answer = this.broker.offer(to, signed);
      if (answer.stored) return;
      if (answer.full === undefined) throw new NoRouteError(to);
      await this.#roomIn(answer.full);
    }
  }

  /** Resolves when the queue may have room, or the bus is closed. */
  async #roomIn(queue: MemoryQueue): Promise<void> {
    const room = new Deferred<void>();
    this.#waiting.add(room);
    const giveUp = queue.awaitRoom(room.resolve);
    await room.promise;
    giveUp();
    this.#waiting.delete(room);
  }

  #requireOpen(to?: Address): void {
    if (this.#closed) throw new BusClosedError(to);
  }

  broadcast(exchange: string, message: Message): void {
    if (!this.#closed) this.broker.broadcast(exchange, { ...message, appId: `streamgauge-${this.name}`, messageId: undefined });
  }

  // The calls below are async so that what is wrong comes as a rejection, as from a broker.

  async consume(queue: string, handler: Handler, options: ConsumeOptions): Promise<Subscription> {
    this.#requireOpen();
    const consumer = new MemoryConsumer(this.broker.queue(queue), handler, options, this, this.name, this.log);
    this.#consumers.add(consumer);
    return {
      close: async () => {
        await consumer.finish();
        this.#consumers.delete(consumer);
      },
    };
  }

  async subscribe(exchange: string, _subscriber: string, onMessage: (delivery: Delivery) => void): Promise<Subscription> {
    this.#requireOpen();
    const stop = this.broker.subscribe(exchange, guarded(onMessage, exchange, this.log));
    this.#subscribed.add(stop);
    return {
      close: async () => {
        stop();
        this.#subscribed.delete(stop);
      },
    };
  }

  async drain(name: string, most: number, handler: Handler): Promise<number> {
    this.#requireOpen();
    const queue = this.broker.queue(name);
    const kept = new Set<Stored>();
    let taken = 0;
    try {
      for (; taken < most; taken += 1) {
        const stored = queue.get();
        if (stored === undefined) break;
        kept.add(stored);
        const outcome = await handler(asDelivery(stored, name));
        if (outcome.kind === "done") kept.delete(stored);
      }
    } finally {
      queue.putBack([...kept]);
    }
    return taken;
  }

  async exists(queue: string): Promise<boolean> {
    this.#requireOpen();
    return this.broker.has(queue);
  }

  async depth(queue: string): Promise<number> {
    this.#requireOpen();
    return this.broker.queue(queue).depth;
  }

  async bind(queue: string, from: Address): Promise<void> {
    this.#requireOpen();
    this.broker.bind(from, this.broker.queue(queue));
  }

  async remove(queue: string): Promise<void> {
    this.#requireOpen();
    this.broker.remove(queue);
  }

  async unbind(queue: string, from: Address): Promise<void> {
    this.#requireOpen();
    this.broker.unbind(from, this.broker.queue(queue));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const room of this.#waiting) room.resolve();
    for (const stop of this.#subscribed) stop();
    for (const consumer of this.#consumers) consumer.abandon();
    this.#unlink();
  }
}
