import { errorText } from "../../error-text.js";
import { IllegalOperationError, type ConfirmChannel } from "amqplib";
import { UnsendableMessageError, type Address, type Message } from "../bus.js";
import { sizeLimitIn, tooLargeForBroker } from "./errors.js";
import { propertiesOf } from "./message.js";

/** What amqplib says of a message that the broker refused; of one whose channel closed it says another thing. */
const NACKED = "message nacked";

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
  readonly address: Address;
  readonly bytes: number;
  /** When it was sent, on the clock of `performance.now()`. */
  readonly since: number;
}

/** Sends messages on one channel and settles each sender's promise by the broker's confirm. */
export class RabbitPublisher {
  readonly #channel: ConfirmChannel;
  readonly #appId: string;
  readonly #cork: () => void;
  readonly #unconfirmed = new Map<string, Unconfirmed>();

  /** @param cork - is called before each publish. */
  constructor(channel: ConfirmChannel, appId: string, cork: () => void) {
    this.#channel = channel;
    this.#appId = appId;
    this.#cork = cork;
    // It comes before the confirm: an unroutable message is confirmed as well.
    channel.on("return", (message) => this.#unroutable(message.properties.messageId));
  }

  /** The message that has waited longest for its confirm, and since when. */
  get oldest(): Pick<Unconfirmed, "address" | "since"> | undefined {
    const [oldest] = this.#unconfirmed.values();
    return oldest;
  }

  /**
   * Resolves when the broker has confirmed; rejects with PublishRefusedError, MessageTooLargeError, UnsendableMessageError, or with why
   * the link ended.
   */
  publish(address: Address, message: Message, messageId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#unconfirmed.set(messageId, { resolve, reject, address, bytes: message.body.length, since: performance.now() });
      const properties = { ...propertiesOf(message, this.#appId), messageId, mandatory: true, persistent: true };
      const answered = (refused: unknown) => this.#answered(messageId, refused);
      try {
        this.#cork();
        // What publish() returns is not looked at: the message is buffered either way, and each sender bounds what it
        // has unconfirmed.
        this.#channel.publish(address.exchange, address.routingKey, message.body, properties, answered);
      } catch (error) {
        this.#unconfirmed.delete(messageId);
        const detail = errorText(error);
        if (error instanceof IllegalOperationError) reject(new Error("The channel for publishing is closed.", { cause: error }));
        else reject(new UnsendableMessageError(address, detail, { cause: error }));
      }
    });
  }

  #answered(messageId: string, refused: unknown): void {
    const waiting = this.#unconfirmed.get(messageId);
    if (waiting === undefined) return;
    // A channel that closes calls back for every message that it had; these are settled when the session ends, in this same turn.
    if (refused instanceof Error && refused.message !== NACKED) return;
    this.#unconfirmed.delete(messageId);
    if (refused instanceof Error) waiting.reject(new PublishRefusedError(waiting.address, "full"));
    else waiting.resolve();
  }

  #unroutable(messageId: unknown): void {
    if (typeof messageId !== "string") return;
    const waiting = this.#unconfirmed.get(messageId);
    this.#unconfirmed.delete(messageId);
    waiting?.reject(new PublishRefusedError(waiting.address, "unroutable"));
  }

  /** The link is over: nothing more is confirmed. If a message above the broker's limit ended it, each such message rejects with MessageTooLargeError. */
  end(reason: Error): void {
    const limit = sizeLimitIn(reason) ?? Infinity;
    for (const { reject, bytes } of this.#unconfirmed.values()) reject(bytes > limit ? tooLargeForBroker(bytes, limit) : reason);
    this.#unconfirmed.clear();
  }
}
