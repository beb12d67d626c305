import type { Channel } from "amqplib";
import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Deferred } from "../../deferred.js";
import { sentence } from "../../sentence.js";
import { deliveryOf } from "./message.js";
import { BackOff } from "../back-off.js";
import { addressesOf } from "../broker-addresses.js";
import {
  BusClosedError,
  MessageTooLargeError,
  NoRouteError,
  TopologyError,
  UnsendableMessageError,
  type Address,
  type Bus,
  type ConsumeOptions,
  type Delivery,
  type Handler,
  type Message,
  type SubscribeOptions,
  type Subscription,
} from "../bus.js";
import { explain, isMissing, sizeLimitIn, tooLargeForBroker, unfinishedClose } from "./errors.js";
import { RabbitConsumer } from "./consumer.js";
import { RabbitSubscriber } from "./subscriber.js";
import { PublishRefusedError } from "./publisher.js";
import { Readers, type Reader } from "./readers.js";
import { RabbitSession } from "./session.js";
import { AddressRing } from "./address-ring.js";
import { timingOf } from "./link-timing.js";
import { CongestionWindow } from "../congestion-window.js";
import { guarded } from "../settlement.js";
import { hasRoute, requireSize } from "../topology.js";
import type { BusOptions } from "../transport.js";

export interface RabbitBusOptions extends BusOptions {
  /** After how long without a confirm a message is sent again on a new link, in ms. Default: 30 s; with several addresses 15 s. */
  readonly confirmWithinMs?: number;
  /** How long a reader that is gone may still hold its queue, in ms. Default: 30 s, which RabbitMQ takes to notice that a network or a node is lost. */
  readonly readerGoneWithinMs?: number;
}

/** A link that lasted this long was sound: the next one is tried without a wait. */
const SOUND_MS = 5_000;
const READER_GONE_MS = 30_000;

/**
 * The bus on RabbitMQ. It holds one session at a time and makes the next one when that ends, with full-jitter
 * back-off from 100 ms to 10 s; consumers are set up again in it, and unconfirmed messages are sent again. With several addresses the next
 * session is made at the next of them, and a wait comes after each was tried.
 */
export class RabbitBus implements Bus {
  readonly isShared = true;
  readonly #options: RabbitBusOptions;
  readonly #nonce = randomBytes(6).toString("base64url");
  readonly #closing = new AbortController();
  readonly #readers: Readers;
  readonly #backOff = new BackOff(100, 10_000);
  readonly #addresses: AddressRing;
  /** By address; there are as many as a service sends to. */
  readonly #windows = new Map<string, CongestionWindow>();
  #published = 0;
  /**
   * The largest body that the broker takes. It closes the channel of a larger one, with all that is under way on it, and only says then how
   * much it takes. Another loss of the link may be a restart with another limit.
   */
  #brokerLimit = Infinity;
  #session: RabbitSession | undefined;
  /** Resolves with the next session, or with undefined when the bus is closed. */
  #next = new Deferred<RabbitSession | undefined>();
  #supervision: Promise<void> = Promise.resolve();

  private constructor(options: RabbitBusOptions) {
    this.#options = options;
    const { log, signal, readerGoneWithinMs = READER_GONE_MS } = options;
    const closing = this.#closing.signal;
    const ending = signal === undefined ? closing : AbortSignal.any([closing, signal]);
    this.#readers = new Readers({ log, closing, ending, readerGoneWithinMs });
    this.#addresses = new AddressRing(addressesOf(options.url), Math.random());
    // Each message that is to be sent again listens while it waits, and there may be thousands.
    setMaxListeners(0, this.#closing.signal);
  }

  /**
   * Resolves with the bus when it is connected for the first time, however long that takes.
   *
   * @throws TopologyError if the broker holds other queues under our names; BusClosedError when the signal was aborted.
   */
  static async connect(options: RabbitBusOptions): Promise<RabbitBus> {
    const bus = new RabbitBus(options);
    const giveUp = () => bus.#closing.abort();
    options.signal?.addEventListener("abort", giveUp, { once: true });
    if (options.signal?.aborted === true) giveUp();
    try {
      const first = await bus.#openSession((error) => {
        if (error instanceof TopologyError) throw error;
      });
      if (first === undefined) throw new BusClosedError();
      bus.#supervision = bus.#supervise(first);
      return bus;
    } finally {
      options.signal?.removeEventListener("abort", giveUp);
    }
  }

  get connected(): boolean {
    return this.#upright !== undefined;
  }

  get isReading(): boolean {
    return this.connected && this.#readers.areAllReading;
  }

  async #supervise(first: RabbitSession): Promise<void> {
    for (let session: RabbitSession | undefined = first; session !== undefined;) {
      const begun = performance.now();
      const reason = await session.ended;
      this.#session = undefined;
      this.#brokerLimit = sizeLimitIn(reason) ?? Infinity;
      // Two links at once would be two consumers.
      await session.close();
      if (this.#closing.signal.aborted) return;
      this.#options.log.warn(`The link to RabbitMQ is lost: ${sentence(reason.message)} Connecting again.`);
      if (performance.now() - begun < SOUND_MS) await this.#backOff.wait(this.#closing.signal);
      else this.#backOff.reset();
      this.#addresses.next();
      session = await this.#openSession(() => undefined);
    }
  }

  /**
   * Tries until a session stands with all its readers.
   *
   * @param judge - may throw to give up.
   * @returns undefined when the bus was closed first.
   */
  async #openSession(judge: (error: unknown) => void): Promise<RabbitSession | undefined> {
    const { log } = this.#options;
    /** By address. */
    const complaints = new Map<string, string>();
    while (!this.#closing.signal.aborted) {
      const { url } = this.#addresses;
      try {
        const session = await this.#openAt(url);
        log.info(`Connected to RabbitMQ at ${new URL(url).host}.`);
        return session;
      } catch (error) {
        if (this.#closing.signal.aborted) return undefined;
        judge(error);
        const complaint = explain(error, url);
        if (complaint !== complaints.get(url)) log.warn(`${complaint} ${this.#whatNext}`);
        complaints.set(url, complaint);
        const isFirstRound = !this.#addresses.hasFailed;
        if (!this.#addresses.failed()) continue;
        if (isFirstRound && this.#addresses.size > 1) log.warn(noneOf(this.#addresses.size));
        await this.#backOff.wait(this.#closing.signal);
      }
    }
    return undefined;
  }

  async #openAt(url: string): Promise<RabbitSession> {
    const { topology, name, log, confirmWithinMs } = this.#options;
    const timing = timingOf(this.#addresses.size, this.#addresses.hasFailed);
    const session = await RabbitSession.open({
      url,
      topology,
      name,
      log,
      signal: this.#closing.signal,
      timing: confirmWithinMs === undefined ? timing : { ...timing, confirmWithinMs },
    });
    await this.#startReaders(session);
    this.#addresses.stands();
    return session;
  }

  get #whatNext(): string {
    const { size } = this.#addresses;
    return size === 1 ? "Trying again until it answers." : `Trying the next of ${size} addresses until one answers.`;
  }

  async #startReaders(session: RabbitSession): Promise<void> {
    // From here on a new reader starts itself, and what is sent goes out: a message that is read may need that.
    this.#session = session;
    this.#next.resolve(session);
    this.#next = new Deferred();
    try {
      await this.#readers.startAgain(session);
    } catch (error) {
      this.#session = undefined;
      // Why the session ended says more than what that did to a reader.
      const cause = session.reason ?? error;
      await session.close();
      throw cause;
    }
  }

  async publish(to: Address, message: Message): Promise<void> {
    requireSize(to, message);
    const { topology } = this.#options;
    // RabbitMQ answers a message to a missing exchange by closing the channel, with all that is under way on it.
    if (to.exchange !== "" && !topology.exchanges.some(({ name }) => name === to.exchange)) throw new NoRouteError(to);
    // The same id in every try: a receiver can tell a second copy by it.
    const messageId = `${this.#nonce}-${(this.#published++).toString(36)}`;
    const window = this.#windowTo(to);
    // A message that may go out now is written in this turn, and nothing is waited for but its confirm.
    const entered = window.enter();
    let number = typeof entered === "number" ? entered : await entered;
    let unroutable: BackOff | undefined;
    try {
      for (;;) {
        const session = this.#upright ?? (await this.#standing(to));
        this.#requireBrokerSize(message);
        try {
          await session.publish(to, message, messageId);
          return;
        } catch (error) {
          if (error instanceof UnsendableMessageError || error instanceof MessageTooLargeError) throw error;
          // A lost link: the next one is waited for, and the message sent again.
          if (!(error instanceof PublishRefusedError)) continue;
          if (error.why === "full") {
            number = await window.refused(number);
            continue;
          }
          if (!hasRoute(topology, to)) throw new NoRouteError(to);
          // A queue that was deleted is declared again by the next session.
          session.fail(error);
          unroutable ??= new BackOff(20, 500);
          await unroutable.wait(this.#closing.signal);
        }
      }
    } finally {
      window.leave();
    }
  }

  #requireBrokerSize({ body }: Message): void {
    if (body.length > this.#brokerLimit) throw tooLargeForBroker(body.length, this.#brokerLimit);
  }

  #windowTo({ exchange, routingKey }: Address): CongestionWindow {
    const key = `${exchange}/${routingKey}`;
    let window = this.#windows.get(key);
    if (window === undefined) {
      window = new CongestionWindow();
      this.#windows.set(key, window);
    }
    return window;
  }

  /** The session that stands now. */
  get #upright(): RabbitSession | undefined {
    return this.#session?.reason === undefined ? this.#session : undefined;
  }

  /** The session that stands, now or soon. @throws BusClosedError when the bus is closed first. */
  async #standing(to?: Address): Promise<RabbitSession> {
    for (;;) {
      if (this.#closing.signal.aborted) throw new BusClosedError(to);
      const session = this.#session ?? (await this.#next.promise);
      if (session !== undefined && session.reason === undefined) return session;
      // It has just ended; the supervision takes note of that in this same turn.
      await nextTurn();
    }
  }

  broadcast(exchange: string, message: Message): void {
    if (message.body.length <= this.#brokerLimit) this.#session?.broadcast(exchange, message);
  }

  async consume(queue: string, handler: Handler, options: ConsumeOptions): Promise<Subscription> {
    return this.#read(new RabbitConsumer(queue, handler, options, this, this.#options.name, this.#options.log));
  }

  async subscribe(
    exchange: string,
    subscriber: string,
    onMessage: (delivery: Delivery) => void,
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    const queue = `${subscriber}.${exchange}-notices.${this.#nonce}-${randomBytes(3).toString("hex")}`;
    return this.#read(new RabbitSubscriber(exchange, queue, guarded(onMessage, exchange, this.#options.log), options));
  }

  async #read(reader: Reader): Promise<Subscription> {
    if (this.#closing.signal.aborted) throw new BusClosedError();
    return this.#readers.add(reader, this.#session);
  }

  async drain(queue: string, most: number, handler: Handler): Promise<number> {
    const session = await this.#standing();
    return session.withChannel(async (channel) => {
      let taken = 0;
      for (; taken < most; taken += 1) {
        const message = await channel.get(queue);
        if (message === false) break;
        const outcome = await handler(deliveryOf({ ...message, fields: { ...message.fields, consumerTag: "" } }, queue));
        // What is not done stays with this channel, so that it is not taken again, and goes back when that closes.
        if (outcome.kind === "done") channel.ack(message);
      }
      return taken;
    });
  }

  async exists(queue: string): Promise<boolean> {
    const session = await this.#standing();
    return session.withChannel(async (channel) => {
      try {
        await channel.checkQueue(queue);
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    });
  }

  async depth(queue: string): Promise<number> {
    const session = await this.#standing();
    return session.withChannel(async (channel) => (await channel.checkQueue(queue)).messageCount);
  }

  bind(queue: string, from: Address): Promise<void> {
    return this.#insist((channel) => channel.bindQueue(queue, from.exchange, from.routingKey));
  }

  remove(queue: string): Promise<void> {
    return this.#insist((channel) => channel.deleteQueue(queue));
  }

  unbind(queue: string, from: Address): Promise<void> {
    return this.#insist((channel) => channel.unbindQueue(queue, from.exchange, from.routingKey));
  }

  /** Asks again in the next session if a link is lost before the answer. */
  async #insist(ask: (channel: Channel) => Promise<unknown>): Promise<void> {
    for (;;) {
      const session = await this.#standing();
      try {
        await session.withChannel(ask);
        return;
      } catch (error) {
        if (session.reason === undefined) throw error;
      }
    }
  }

  async close(): Promise<void> {
    this.#readers.flush();
    this.#closing.abort();
    for (const window of this.#windows.values()) window.release();
    this.#next.resolve(undefined);
    const session = this.#session;
    await session?.close();
    await this.#supervision;
    if (session?.answered === false) throw unfinishedClose();
  }
}

function noneOf(addresses: number): string {
  return (
    `None of the ${addresses} addresses in AMQP_URL can be used: messages wait where they are, and nothing is sent or read until one can. A cluster ` +
    'works while more than half of its nodes run and reach each other: see "rabbitmqctl cluster_status" on each.'
  );
}
