import { IllegalOperationError, type Channel } from "amqplib";
import type { Message } from "../bus.js";
import { propertiesOf } from "./message.js";

/** Chunks of notices that wait for a slow broker; more are dropped. The channel is made with this as its high-water mark. */
export const NOTICE_CHUNKS = 64;

/** Sends notices on one channel: best effort, and never more than a slow broker takes. */
export class RabbitBroadcaster {
  readonly #channel: Channel;
  readonly #appId: string;
  #flowing = true;

  constructor(channel: Channel, appId: string) {
    this.#channel = channel;
    this.#appId = appId;
    channel.on("drain", () => {
      this.#flowing = true;
    });
  }

  broadcast(exchange: string, message: Message): void {
    // A broker that reads slowly, or not at all under an alarm, must not make notices pile up here.
    if (!this.#flowing) return;
    try {
      this.#flowing = this.#channel.publish(exchange, "", message.body, propertiesOf(message, this.#appId));
    } catch (error) {
      // A closed channel means that the session is about to end: the link is down, and notices are dropped.
      if (!(error instanceof IllegalOperationError)) throw error;
    }
  }
}
