import { randomBytes } from "node:crypto";
import type { Channel, ConsumeMessage } from "amqplib";
import type { Logger } from "../service/logging.js";
import { Deferred } from "../deferred.js";
import { BackOff } from "./back-off.js";
import {
  BusClosedError,
  MessageTooLargeError,
  TopologyError,
  type Address,
  type Bus,
  type ConsumeOptions,
  type Delivery,
  type Handler,
  type Message,
  type Subscription,
} from "./bus.js";
import { deliveryOf, PublishRefusedError, RabbitSession } from "./rabbit-session.js";
import { RabbitConsumer } from "./rabbit-consumer.js";
import { MAX_BODY_BYTES, type Topology } from "./topology.js";

export interface RabbitBusOptions {
  /** `amqp://user:password@host:5672/vhost` */
  readonly url: string;
  readonly topology: Topology;
  /** The service; it names its connections and signs its messages. */
  readonly name: string;
  readonly log: Logger;
  /** Aborting it gives up waiting for the first connection. */
  readonly signal?: AbortSignal;
}

/** What has to be set up again in every session. */
interface Reader {
  start(session: RabbitSession): Promise<void>;
}

/**
 * The bus on RabbitMQ. It holds one session at a time and makes the next one when that ends, with full-jitter
 * back-off from 100 ms to 10 s; consumers are set up again in it, and unconfirmed messages are sent again.
 */
export class RabbitBus implements Bus {
  readonly #options: RabbitBusOptions;
  readonly #nonce = randomBytes(6).toString("base64url");
  readonly #readers = new Set<Reader>();
  readonly #closing = new AbortController();
  #published = 0;
  #session: RabbitSession | undefined;
  #next = new Deferred<RabbitSession>();
  #supervision: Promise<void> = Promise.resolve();

  private constructor(options: RabbitBusOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the bus when it is connected for the first time, however long that takes.
   *
   * @throws TopologyError where the broker holds other queues under our names; BusClosedError when the signal was aborted.
   */
  static async connect(options: RabbitBusOptions): Promise<RabbitBus> {
    const bus = new RabbitBus(options);
    const giveUp = () => bus.#closing.abort();
    options.signal?.addEventListener("abort", giveUp, { once: true });
    if (options.signal?.aborted === true) giveUp();
    const first = await bus.#openSession((error) => {
      if (error instanceof TopologyError) throw error;
    });
    options.signal?.removeEventListener("abort", giveUp);
    bus.#supervision = bus.#supervise(first);
    return bus;
  }

  get connected(): boolean {
    return this.#session !== undefined;
  }

  async #supervise(first: RabbitSession): Promise<void> {
    const { log } = this.#options;
    for (let session: RabbitSession | undefined = first; session !== undefined;) {
      const reason = await session.ended;
      this.#session = undefined;
      if (this.#closing.signal.aborted) return;
      log.warn(`The link to RabbitMQ is lost: ${reason.message} Connecting again.`);
      session = await this.#openSession(() => undefined).catch(() => undefined);
    }
  }

  /** Tries until a session stands with all its readers; `judge` may throw to give up. */
  async #openSession(judge: (error: unknown) => void): Promise<RabbitSession> {
    const { url, topology, name, log } = this.#options;
    const backOff = new BackOff(100, 10_000);
    let lastComplaint = "";
    while (!this.#closing.signal.aborted) {
      try {
        const session = await RabbitSession.open(url, topology, name);
        try {
          for (const reader of this.#readers) await reader.start(session);
        } catch (error) {
          await session.close();
          throw error;
        }
        log.info(`Connected to RabbitMQ at ${new URL(url).host}.`);
        this.#session = session;
        this.#next.resolve(session);
        this.#next = new Deferred();
        return session;
      } catch (error) {
        judge(error);
        const complaint = explain(error, url);
        if (complaint !== lastComplaint) log.warn(`${complaint} Trying again until it answers.`);
        lastComplaint = complaint;
        await backOff.wait(this.#closing.signal);
      }
    }
    throw new BusClosedError();
  }

  async publish(to: Address, message: Message): Promise<void> {
    if (message.body.length > MAX_BODY_BYTES) throw new MessageTooLargeError(message.body.length, MAX_BODY_BYTES);
    // The same id in every try: a receiver can tell a second copy by it.
    const messageId = `${this.#nonce}-${(this.#published++).toString(36)}`;
    let backOff: BackOff | undefined;
    while (!this.#closing.signal.aborted) {
      try {
        const session = this.#session ?? (await this.#nextSession(to));
        await session.publish(to, message, messageId);
        return;
      } catch (error) {
        if (error instanceof BusClosedError) throw error;
        if (backOff === undefined && error instanceof PublishRefusedError) this.#options.log.debug(error.message);
        backOff ??= new BackOff(20, 500);
        // An unroutable message has lost its queue: the next session declares it again.
        if (error instanceof PublishRefusedError && error.why === "unroutable") this.#session?.fail(error);
        await backOff.wait(this.#closing.signal);
      }
    }
    throw new BusClosedError(to);
  }

  async #nextSession(to?: Address): Promise<RabbitSession> {
    const { signal } = this.#closing;
    return new Promise((resolve, reject) => {
      const closed = () => reject(new BusClosedError(to));
      signal.addEventListener("abort", closed, { once: true });
      void this.#next.promise.then((session) => {
        signal.removeEventListener("abort", closed);
        resolve(session);
      });
    });
  }

  announce(exchange: string, message: Message): void {
    this.#session?.announce(exchange, message);
  }

  async consume(queue: string, handler: Handler, options: ConsumeOptions): Promise<Subscription> {
    const consumer = new RabbitConsumer(queue, handler, options, this, this.#options.name, this.#options.log);
    return this.#read(consumer, () => consumer.close());
  }

  async listen(exchange: string, listener: string, hear: (delivery: Delivery) => void): Promise<Subscription> {
    const queue = `${listener}.${exchange}-notices.${this.#nonce}`;
    let channel: Channel | undefined;
    const reader: Reader = {
      async start(session) {
        channel = await session.openChannel(`The channel that listens to ${exchange}`);
        await channel.assertQueue(queue, { exclusive: true, autoDelete: true, durable: false, maxLength: 100 });
        await channel.bindQueue(queue, exchange, "");
        const onMessage = (message: ConsumeMessage | null) => {
          if (message === null) session.fail(new Error(`The queue ${queue} was deleted.`));
          else hear(deliveryOf(message, queue));
        };
        await channel.consume(queue, onMessage, { noAck: true, exclusive: true });
      },
    };
    return this.#read(reader, async () => {
      // Deleting the queue cancels its consumer; a link that is down has lost the queue already.
      await channel?.deleteQueue(queue).catch(() => undefined);
    });
  }

  /** Starts a reader in the session that stands, or leaves it to the next one. */
  async #read(reader: Reader, stop: () => Promise<void>): Promise<Subscription> {
    this.#readers.add(reader);
    const session = this.#session;
    if (session !== undefined) await reader.start(session);
    return {
      close: async () => {
        this.#readers.delete(reader);
        await stop();
      },
    };
  }

  async drain(queue: string, most: number, handler: Handler): Promise<number> {
    return this.#withChannel(`The channel that drains ${queue}`, async (channel) => {
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

  async depth(queue: string): Promise<number> {
    return this.#withChannel(
      `The channel that asks for the depth of ${queue}`,
      async (channel) => (await channel.checkQueue(queue)).messageCount,
    );
  }

  async #withChannel<T>(what: string, work: (channel: Channel) => Promise<T>): Promise<T> {
    const session = this.#session ?? (await this.#nextSession());
    const channel = await session.openChannel(what);
    const lost = session.ended.then((reason) => {
      throw reason;
    });
    try {
      return await Promise.race([work(channel), lost]);
    } finally {
      session.release(channel);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#session?.close();
    await this.#supervision;
  }
}

/** Why the broker cannot be reached, for someone who can do something about it; never with the password. */
function explain(error: unknown, url: string): string {
  const { host, username, pathname } = new URL(url);
  const text = error instanceof Error ? error.message || String(Object(error)["code"] ?? error.name) : String(error);
  if (error instanceof TopologyError) return text;
  if (/ACCESS_REFUSED/.test(text))
    return `RabbitMQ at ${host} refuses the user ${username || "guest"}: check the user and password in AMQP_URL.`;
  if (/NOT_ALLOWED|vhost/i.test(text)) return `RabbitMQ at ${host} refuses the virtual host ${pathname}: check the path of AMQP_URL.`;
  return `RabbitMQ at ${host} cannot be reached: ${text}.`;
}
