import type { MessagePort } from "node:worker_threads";
import { Deferred } from "../../deferred.js";
import type { Logger } from "../../logging.js";
import {
  BusClosedError,
  type Address,
  type Bus,
  type ConsumeOptions,
  type Delivery,
  type Handler,
  type Message,
  type SubscribeOptions,
  type Subscription,
} from "../bus.js";
import { guarded } from "../settlement.js";
import { asBuffer, BatchedPort } from "./batched-port.js";
import type { Question, Reply } from "./frames.js";
import { errorOfPort, portedError } from "./ported-error.js";

/** A question with a number to be. */
type Numbered<Q = Question> = Q extends { readonly n: number } ? Omit<Q, "n"> : never;

interface Subscriber {
  readonly onMessage: (delivery: Delivery) => void;
  readonly onGap: (() => void) | undefined;
}

/** A bus that another thread has, at the end of a port. The other end is served by `serveBus`. */
export class PortBus implements Bus {
  readonly #port: BatchedPort<Question, Reply>;
  readonly #log: Logger;
  readonly #asked = new Map<number, Deferred<number | undefined>>();
  readonly #handlers = new Map<number, Handler>();
  readonly #subscribers = new Map<number, Subscriber>();
  #questions = 0;
  #link = { connected: true, isReading: true };
  #closing: Promise<unknown> | undefined;
  readonly isShared: boolean;

  /** @param isShared - whether the bus that is served is. */
  constructor(port: MessagePort, log: Logger, isShared: boolean) {
    this.#log = log;
    this.isShared = isShared;
    this.#port = new BatchedPort(port, (reply) => this.#hear(reply));
    // Without its bus the service can do nothing more.
    port.on("close", () => this.#giveUp());
  }

  get connected(): boolean {
    return this.#link.connected && this.#closing === undefined;
  }

  get isReading(): boolean {
    return this.#link.isReading && this.#closing === undefined;
  }

  async publish(to: Address, message: Message): Promise<void> {
    this.#requireOpen(to);
    await this.#ask({ is: "publish", to, message: { ...message, body: this.#port.moved(message.body) } });
  }

  broadcast(exchange: string, message: Message): void {
    if (this.#closing !== undefined) return;
    this.#port.say({ is: "broadcast", exchange, message: { ...message, body: this.#port.moved(message.body) } });
  }

  async consume(queue: string, handler: Handler, options: ConsumeOptions): Promise<Subscription> {
    this.#requireOpen();
    const of = this.#questions + 1;
    this.#handlers.set(of, handler);
    await this.#ask({ is: "consume", queue, options });
    return this.#subscription(of);
  }

  async subscribe(
    exchange: string,
    subscriber: string,
    onMessage: (delivery: Delivery) => void,
    { onGap, most }: SubscribeOptions = {},
  ): Promise<Subscription> {
    this.#requireOpen();
    const of = this.#questions + 1;
    this.#subscribers.set(of, { onMessage: guarded(onMessage, exchange, this.#log), onGap });
    await this.#ask({ is: "subscribe", exchange, subscriber, most });
    return this.#subscription(of);
  }

  #subscription(of: number): Subscription {
    return {
      close: async () => {
        if (this.#closing === undefined) await this.#ask({ is: "end", of });
        this.#subscribers.delete(of);
        this.#handlers.delete(of);
      },
    };
  }

  async drain(queue: string, most: number, handler: Handler): Promise<number> {
    this.#requireOpen();
    const of = this.#questions + 1;
    this.#handlers.set(of, handler);
    try {
      return (await this.#ask({ is: "drain", queue, most })) ?? 0;
    } finally {
      this.#handlers.delete(of);
    }
  }

  async exists(queue: string): Promise<boolean> {
    this.#requireOpen();
    return (await this.#ask({ is: "exists", queue })) === 1;
  }

  async depth(queue: string): Promise<number> {
    this.#requireOpen();
    return (await this.#ask({ is: "depth", queue })) ?? 0;
  }

  async bind(queue: string, from: Address): Promise<void> {
    this.#requireOpen();
    await this.#ask({ is: "bind", queue, from });
  }

  async remove(queue: string): Promise<void> {
    this.#requireOpen();
    await this.#ask({ is: "remove", queue });
  }

  async unbind(queue: string, from: Address): Promise<void> {
    this.#requireOpen();
    await this.#ask({ is: "unbind", queue, from });
  }

  async close(): Promise<void> {
    this.#closing ??= this.#ask({ is: "close" }).finally(() => this.#port.close());
    await this.#closing;
  }

  #requireOpen(to?: Address): void {
    if (this.#closing !== undefined) throw new BusClosedError(to);
  }

  #ask(question: Numbered): Promise<number | undefined> {
    const n = ++this.#questions;
    const answer = new Deferred<number | undefined>();
    this.#asked.set(n, answer);
    this.#port.say({ ...question, n });
    return answer.promise;
  }

  #hear(reply: Reply): void {
    if (reply.is === "done") this.#take(reply.n)?.resolve(reply.value);
    else if (reply.is === "failed") this.#take(reply.n)?.reject(errorOfPort(reply.error));
    else if (reply.is === "delivery") void this.#handle(reply.of, reply.number, withBuffer(reply.delivery));
    else if (reply.is === "notice") this.#subscribers.get(reply.of)?.onMessage(withBuffer(reply.delivery));
    else if (reply.is === "gap") this.#subscribers.get(reply.of)?.onGap?.();
    else this.#link = reply;
  }

  #take(n: number): Deferred<number | undefined> | undefined {
    const answer = this.#asked.get(n);
    this.#asked.delete(n);
    return answer;
  }

  /** Has a message handled, and says what became of it. Never rejects. */
  async #handle(of: number, delivery: number, message: Delivery): Promise<void> {
    try {
      const handler = this.#handlers.get(of);
      if (handler === undefined) throw new BusClosedError();
      this.#port.say({ is: "outcome", delivery, outcome: await handler(message) });
    } catch (error) {
      this.#port.say({ is: "thrown", delivery, error: portedError(error) });
    }
  }

  #giveUp(): void {
    this.#closing ??= Promise.resolve();
    for (const answer of this.#asked.values()) answer.reject(new BusClosedError());
    this.#asked.clear();
  }
}

function withBuffer(delivery: Delivery): Delivery {
  return { ...delivery, body: asBuffer(delivery.body) };
}
