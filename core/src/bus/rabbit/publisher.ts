import { errorText } from "../../error-text.js";
import { UnsendableMessageError, type Address, type Message } from "../bus.js";
import { sizeLimitIn, tooLargeForBroker } from "./errors.js";
import type { PublishSocket } from "./publish-socket.js";

/** The broker said no to one publish: the queue is full, missing, or went away. Sending again may succeed. */
export class PublishRefusedError extends Error {
  override readonly name = "PublishRefusedError";
  readonly address: Address;
  readonly why: "full" | "unroutable";

  constructor(address: Address, why: "full" | "unroutable") {
    super(
      why === "full"
        ? `A queue behind ${address.exchange}/${address.routingKey} takes no more just now: its reader is slower than the sender, or stopped.`
        : `No queue takes messages for ${address.exchange}/${address.routingKey}.`,
    );
    this.address = address;
    this.why = why;
  }
}

interface Unconfirmed {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly messageId: string;
  readonly address: Address;
  readonly bytes: number;
  /** When it was sent, on the clock of `performance.now()`. */
  readonly since: number;
}

/** What the broker says of the messages up to a tag, or of one. */
interface Confirm {
  readonly deliveryTag: number;
  readonly multiple: boolean;
}

/** A channel of amqplib's, as far as it says what the broker answers to messages. */
interface Answers {
  on(event: "ack" | "nack", listener: (confirm: Confirm) => void): unknown;
  on(event: "return", listener: (message: { readonly properties: { readonly messageId?: unknown } }) => void): unknown;
}

/** Sends messages on one channel and settles each sender's promise by the broker's confirm. */
export class RabbitPublisher {
  readonly #socket: PublishSocket;
  /** By tag: the broker counts the messages of a channel from 1 on. */
  readonly #unconfirmed = new Map<number, Unconfirmed>();
  /** Since when an address has had refusals and no confirm, on the clock of `performance.now()`. */
  readonly #refusedSince = new Map<string, number>();
  #sent = 0;
  /** All up to here are settled. */
  #settled = 0;
  #end: Error | undefined;

  /** @param socket - writes on that channel, and is alone in sending messages on it. */
  constructor(channel: Answers, socket: PublishSocket) {
    this.#socket = socket;
    channel.on("ack", (confirm) =>
      this.#answered(confirm, ({ resolve, address }) => {
        if (this.#refusedSince.size > 0) this.#refusedSince.delete(keyOf(address));
        resolve();
      }),
    );
    channel.on("nack", (confirm) =>
      this.#answered(confirm, ({ reject, address }) => {
        const key = keyOf(address);
        if (!this.#refusedSince.has(key)) this.#refusedSince.set(key, performance.now());
        reject(new PublishRefusedError(address, "full"));
      }),
    );
    // It comes before the confirm: an unroutable message is confirmed as well.
    channel.on("return", (message) => this.#unroutable(message.properties.messageId));
  }

  /** The message that has waited longest for its confirm, and since when. */
  get oldest(): Pick<Unconfirmed, "address" | "since"> | undefined {
    const [oldest] = this.#unconfirmed.values();
    return oldest;
  }

  /** How long an address has had refusals and no confirm, in ms; 0 if none has. */
  get refusedForMs(): number {
    const [first] = this.#refusedSince.values();
    return first === undefined ? 0 : performance.now() - first;
  }

  /**
   * Resolves when the broker has confirmed; rejects with PublishRefusedError, MessageTooLargeError, UnsendableMessageError, or with why
   * the link ended.
   */
  publish(address: Address, message: Message, messageId: string): Promise<void> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    try {
      this.#socket.write(address, message, messageId);
    } catch (error) {
      return Promise.reject(new UnsendableMessageError(address, errorText(error), { cause: error }));
    }
    this.#sent += 1;
    return new Promise((resolve, reject) => {
      const unconfirmed = { resolve, reject, messageId, address, bytes: message.body.length, since: performance.now() };
      this.#unconfirmed.set(this.#sent, unconfirmed);
    });
  }

  #answered({ deliveryTag, multiple }: Confirm, settle: (sender: Unconfirmed) => void): void {
    for (let tag = multiple ? this.#settled + 1 : deliveryTag; tag <= deliveryTag; tag += 1) {
      const sender = this.#unconfirmed.get(tag);
      if (sender === undefined) continue;
      this.#unconfirmed.delete(tag);
      settle(sender);
    }
    if (multiple) this.#settled = deliveryTag;
  }

  #unroutable(messageId: unknown): void {
    for (const [tag, sender] of this.#unconfirmed) {
      if (sender.messageId !== messageId) continue;
      this.#unconfirmed.delete(tag);
      sender.reject(new PublishRefusedError(sender.address, "unroutable"));
      return;
    }
  }

  /** Writes what was sent in this turn at once. */
  flush(): void {
    this.#socket.flush();
  }

  /** The link is over: nothing more is confirmed. If a message above the broker's limit ended it, each such message rejects with MessageTooLargeError. */
  end(reason: Error): void {
    this.#end = reason;
    this.#socket.discard();
    const limit = sizeLimitIn(reason) ?? Infinity;
    for (const { reject, bytes } of this.#unconfirmed.values()) reject(bytes > limit ? tooLargeForBroker(bytes, limit) : reason);
    this.#unconfirmed.clear();
  }
}

function keyOf({ exchange, routingKey }: Address): string {
  return `${exchange}/${routingKey}`;
}
