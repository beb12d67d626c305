import { Deferred } from "../../deferred.js";
import type { Logger } from "../../runtime/logging.js";
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
import type { Settled } from "../delivery-ledger.js";
import { asDelivery, type MemoryBroker, type MemoryQueue, type Reader, type Stored } from "./broker.js";
import { RepeatedWarning } from "../repeated-warning.js";
import { FINISH_MS, guarded, settlementOf, unfinished } from "../settlement.js";
import { requireSize } from "../topology.js";
import { within } from "../within.js";

/** One service's link to a MemoryBroker. Closing it returns what it has in hand, as a lost connection does. */
export class MemoryBus implements Bus {
  readonly #consumers = new Set<MemoryConsumer>();
  readonly #listening = new Set<() => void>();
  readonly #waiting = new Set<Deferred<void>>();
  #closed = false;

  readonly broker: MemoryBroker;
  readonly name: string;
  readonly log: Logger;

  constructor(broker: MemoryBroker, name: string, log: Logger) {
    this.broker = broker;
    this.name = name;
    this.log = log;
  }

  get connected(): boolean {
    return !this.#closed;
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

  announce(exchange: string, message: Message): void {
    if (!this.#closed) this.broker.announce(exchange, { ...message, appId: `streamgauge-${this.name}`, messageId: undefined });
  }

  // The calls below are async so that what is wrong comes as a rejection, as from a broker.

  async consume(queue: string, handler: Handler, options: ConsumeOptions): Promise<Subscription> {
    this.#requireOpen();
    const consumer = new MemoryConsumer(this.broker.queue(queue), handler, options, this);
    this.#consumers.add(consumer);
    return {
      close: async () => {
        await consumer.finish();
        this.#consumers.delete(consumer);
      },
    };
  }

  async listen(exchange: string, _listener: string, hear: (delivery: Delivery) => void): Promise<Subscription> {
    this.#requireOpen();
    const stop = this.broker.listen(exchange, guarded(hear, exchange, this.log));
    this.#listening.add(stop);
    return {
      close: async () => {
        stop();
        this.#listening.delete(stop);
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

  async depth(queue: string): Promise<number> {
    this.#requireOpen();
    return this.broker.queue(queue).depth;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const room of this.#waiting) room.resolve();
    for (const stop of this.#listening) stop();
    for (const consumer of this.#consumers) consumer.abandon();
  }
}

/** Reads one queue for one bus. */
class MemoryConsumer {
  readonly #queue: MemoryQueue;
  readonly #reader: Reader;
  readonly #log: Logger;
  readonly #inHand = new Set<Stored>();
  readonly #idle = new Deferred<void>();
  #finishing: Promise<void> | undefined;
  #abandoned = false;

  constructor(queue: MemoryQueue, handler: Handler, options: ConsumeOptions, bus: MemoryBus) {
    this.#queue = queue;
    this.#log = bus.log;
    const tools = { bus, stage: bus.name, log: bus.log, warnings: new RepeatedWarning(bus.log) };
    const take = (stored: Stored) => {
      this.#inHand.add(stored);
      const delivery = asDelivery(stored, queue.name);
      void settlementOf(delivery, handler, tools).then((how) => this.#settle(stored, how));
    };
    this.#reader = { prefetch: options.prefetch, exclusive: options.exclusive ?? false, take, inHand: 0 };
    queue.addReader(this.#reader);
  }

  #settle(stored: Stored, how: Settled): void {
    if (this.#abandoned) return;
    this.#inHand.delete(stored);
    if (how === "return") this.#queue.putBack([stored]);
    this.#queue.settled(this.#reader);
    if (this.#finishing !== undefined && this.#inHand.size === 0) this.#idle.resolve();
  }

  finish(): Promise<void> {
    this.#finishing ??= this.#finish();
    return this.#finishing;
  }

  async #finish(): Promise<void> {
    this.#queue.removeReader(this.#reader);
    if (this.#inHand.size === 0 || (await within(FINISH_MS, this.#idle.promise))) return;
    this.#log.warn(unfinished(this.#inHand.size, this.#queue.name));
    this.abandon();
  }

  /** The link is lost: the broker takes back all that was not answered, and later answers count for nothing. */
  abandon(): void {
    if (this.#abandoned) return;
    this.#abandoned = true;
    this.#queue.removeReader(this.#reader);
    this.#queue.putBack([...this.#inHand]);
    this.#inHand.clear();
    this.#idle.resolve();
  }
}
