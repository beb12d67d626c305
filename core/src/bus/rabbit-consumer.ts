import type { Channel, ConsumeMessage } from "amqplib";
import type { Logger } from "../service/logging.js";
import type { Bus, ConsumeOptions, Handler } from "./bus.js";
import { DeliveryLedger } from "./delivery-ledger.js";
import { deliveryOf, type RabbitSession } from "./rabbit-session.js";
import { settlementOf } from "./settlement.js";

/** One session's part of a consumer: its channel and what it has in hand. */
interface Reading {
  readonly session: RabbitSession;
  readonly channel: Channel;
  readonly tag: string;
  readonly ledger: DeliveryLedger;
  flushing: boolean;
}

/** Reads one queue across sessions: hands messages to the handler and settles them as it says. */
export class RabbitConsumer {
  #reading: Reading | undefined;
  #idle: () => void = () => undefined;

  readonly queue: string;
  readonly handler: Handler;
  readonly options: ConsumeOptions;
  readonly bus: Bus;
  readonly stage: string;
  readonly log: Logger;

  constructor(queue: string, handler: Handler, options: ConsumeOptions, bus: Bus, stage: string, log: Logger) {
    this.queue = queue;
    this.handler = handler;
    this.options = options;
    this.bus = bus;
    this.stage = stage;
    this.log = log;
  }

  async start(session: RabbitSession): Promise<void> {
    const channel = await session.openChannel(`The channel that reads ${this.queue}`);
    // Per consumer: quorum queues refuse a prefetch that is shared by a channel.
    await channel.prefetch(this.options.prefetch, false);
    const tag = `${this.stage}.${this.queue}`;
    const reading: Reading = { session, channel, tag, ledger: new DeliveryLedger(), flushing: false };
    this.#reading = reading;
    await channel.consume(this.queue, (message) => this.#receive(reading, message), {
      consumerTag: tag,
      exclusive: this.options.exclusive ?? false,
    });
  }

  #receive(reading: Reading, message: ConsumeMessage | null): void {
    if (message === null) {
      reading.session.fail(new Error(`RabbitMQ cancelled the consumer of ${this.queue}: the queue was deleted or moved.`));
      return;
    }
    const tag = message.fields.deliveryTag;
    reading.ledger.open(tag);
    const delivery = deliveryOf(message, this.queue);
    void settlementOf(delivery, this.handler, this.bus, this.stage, this.log).then((how) => {
      reading.ledger.settle(tag, how);
      this.#scheduleFlush(reading);
    });
  }

  /** Gathers what is settled in one turn of the event loop into one flush. */
  #scheduleFlush(reading: Reading): void {
    if (reading.flushing) return;
    reading.flushing = true;
    setImmediate(() => {
      reading.flushing = false;
      this.#flush(reading);
    });
  }

  #flush(reading: Reading): void {
    const { upTo, single, returned } = reading.ledger.flush();
    // A channel that closed meanwhile throws; its messages are delivered again in the next session.
    try {
      for (const tag of returned) reading.channel.nack(tagged(tag), false, true);
      if (upTo !== undefined) reading.channel.ack(tagged(upTo), true);
      for (const tag of single) reading.channel.ack(tagged(tag), false);
    } catch (error) {
      reading.session.fail(new Error(`The channel that reads ${this.queue} is gone.`, { cause: error }));
    }
    if (reading.ledger.inHand === 0) this.#idle();
  }

  /** Takes no more; resolves when what is in hand was settled and the broker was told, or the link is lost. */
  async close(): Promise<void> {
    const reading = this.#reading;
    if (reading === undefined) return;
    const settled = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    const finish = async () => {
      await reading.channel.cancel(reading.tag);
      this.#flush(reading);
      await settled;
      reading.session.release(reading.channel);
    };
    await Promise.race([finish().catch(() => undefined), reading.session.ended]);
  }
}

/** All that an acknowledgement needs of a message. */
function tagged(deliveryTag: number) {
  const fields = { deliveryTag, redelivered: false, exchange: "", routingKey: "" };
  return { content: EMPTY, fields, properties: NO_PROPERTIES };
}

const EMPTY = Buffer.alloc(0);
const NO_PROPERTIES = {
  contentType: undefined,
  contentEncoding: undefined,
  headers: undefined,
  deliveryMode: undefined,
  priority: undefined,
  correlationId: undefined,
  replyTo: undefined,
  expiration: undefined,
  messageId: undefined,
  timestamp: undefined,
  type: undefined,
  userId: undefined,
  appId: undefined,
  clusterId: undefined,
};
