import type { Channel, ConsumeMessage } from "amqplib";
import { deliveryOf } from "./message.js";
import type { Delivery, SubscribeOptions } from "../bus.js";
import type { RabbitSession } from "./session.js";

/** Notices that wait for a subscriber; older ones are dropped. */
const MOST_WAITING = { messages: 100, bytes: 64 * 1024 * 1024 };

/** Receives the notices of one exchange across sessions, through a queue that lives as long as its link. */
export class RabbitSubscriber {
  #open: { readonly session: RabbitSession; readonly channel: Channel } | undefined;
  #closed = false;

  /** Its queue is its own. */
  readonly alone = undefined;
  readonly exchange: string;
  /** How its queues' names begin. */
  readonly name: string;
  readonly onMessage: (delivery: Delivery) => void;
  readonly #options: SubscribeOptions;
  #starts = 0;

  constructor(exchange: string, name: string, onMessage: (delivery: Delivery) => void, options: SubscribeOptions = {}) {
    this.exchange = exchange;
    this.name = name;
    this.onMessage = onMessage;
    this.#options = options;
  }

  async start(session: RabbitSession): Promise<void> {
    const channel = await session.openChannel(`The channel that listens to ${this.exchange}`);
    this.#open = { session, channel };
    this.#starts += 1;
    // Another name each time: a node that froze or lost the others may still hold the last queue, and nobody else can declare it then.
    const queue = `${this.name}-${this.#starts}`;
    try {
      await channel.assertQueue(queue, { exclusive: true, autoDelete: true, durable: false, arguments: this.#arguments });
      await channel.bindQueue(queue, this.exchange, "");
      await channel.consume(queue, (message) => this.#receive(session, queue, message), { noAck: true, exclusive: true });
      if (this.#starts > 1 && !this.#closed) this.#options.onGap?.();
    } finally {
      // It was closed while it started.
      if (this.#closed) await session.release(channel);
    }
  }

  get #arguments(): Record<string, number> {
    const { messages, bytes } = this.#options.most ?? MOST_WAITING;
    return { "x-max-length": messages, "x-max-length-bytes": bytes };
  }

  #receive(session: RabbitSession, queue: string, message: ConsumeMessage | null): void {
    if (this.#closed) return;
    if (message === null) session.fail(new Error(`The queue ${queue} was deleted.`));
    else this.onMessage(deliveryOf(message, queue));
  }

  /** Nothing to send: notices are not acknowledged. */
  flush(): void {}

  /** Stops receiving. The queue goes with its only consumer. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#open?.session.release(this.#open.channel);
  }
}
