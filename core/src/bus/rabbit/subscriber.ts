import type { Channel, ConsumeMessage } from "amqplib";
import { deliveryOf } from "./message.js";
import type { Delivery } from "../bus.js";
import type { RabbitSession } from "./session.js";

/** Notices that wait for a subscriber; older ones are dropped. */
const MOST_WAITING = 100;

/** Receives the notices of one exchange across sessions, through a queue that lives as long as its link. */
export class RabbitSubscriber {
  #open: { readonly session: RabbitSession; readonly channel: Channel } | undefined;
  #closed = false;

  readonly exchange: string;
  readonly queue: string;
  readonly onMessage: (delivery: Delivery) => void;
  readonly #onGap: () => void;
  #hasStarted = false;

  /** @param onGap - called when it starts again in a later session. */
  constructor(exchange: string, queue: string, onMessage: (delivery: Delivery) => void, onGap: () => void = () => undefined) {
    this.exchange = exchange;
    this.queue = queue;
    this.onMessage = onMessage;
    this.#onGap = onGap;
  }

  async start(session: RabbitSession): Promise<void> {
    const channel = await session.openChannel(`The channel that listens to ${this.exchange}`);
    this.#open = { session, channel };
    try {
      await channel.assertQueue(this.queue, { exclusive: true, autoDelete: true, durable: false, maxLength: MOST_WAITING });
      await channel.bindQueue(this.queue, this.exchange, "");
      await channel.consume(this.queue, (message) => this.#receive(session, message), { noAck: true, exclusive: true });
      if (this.#hasStarted && !this.#closed) this.#onGap();
      this.#hasStarted = true;
    } finally {
      // It was closed while it started.
      if (this.#closed) await session.release(channel);
    }
  }

  #receive(session: RabbitSession, message: ConsumeMessage | null): void {
    if (this.#closed) return;
    if (message === null) session.fail(new Error(`The queue ${this.queue} was deleted.`));
    else this.onMessage(deliveryOf(message, this.queue));
  }

  /** Nothing to send: notices are not acknowledged. */
  flush(): void {}

  /** Stops receiving. The queue goes with its only consumer. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#open?.session.release(this.#open.channel);
  }
}
