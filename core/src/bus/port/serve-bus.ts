import type { MessagePort } from "node:worker_threads";
import { Deferred } from "../../deferred.js";
import { type Bus, type Delivery, type Handler, type Message, type Outcome, type Subscription } from "../bus.js";
import { asBuffer, BatchedPort } from "./batched-port.js";
import type { Question, Reply } from "./frames.js";
import { errorOfPort, portedError } from "./ported-error.js";

/** How often it is looked whether the link is up, in ms. */
const LOOK_MS = 200;

/** Lets a `PortBus` in another thread use this bus. Closing that one closes this one. */
export function serveBus(bus: Bus, port: MessagePort): void {
  new ServedBus(bus, port);
}

class ServedBus {
  readonly #bus: Bus;
  readonly #port: BatchedPort<Reply, Question>;
  readonly #subscriptions = new Map<number, Subscription>();
  /** Messages whose outcome is not known, by their numbers. */
  readonly #delivered = new Map<number, Deferred<Outcome>>();
  readonly #look: NodeJS.Timeout;
  #deliveries = 0;
  #connected = true;
  #isReading = true;

  constructor(bus: Bus, port: MessagePort) {
    this.#bus = bus;
    this.#port = new BatchedPort(port, (question) => void this.#answer(question));
    this.#look = setInterval(() => this.#sayLink(), LOOK_MS).unref();
    port.on("close", () => this.#end());
  }

  /** Never rejects. */
  async #answer(question: Question): Promise<void> {
    if (question.is === "outcome") this.#settled(question.delivery)?.resolve(question.outcome);
    else if (question.is === "thrown") this.#settled(question.delivery)?.reject(errorOfPort(question.error));
    else if (question.is === "broadcast") this.#bus.broadcast(question.exchange, withBuffer(question.message));
    else {
      const { n } = question;
      try {
        this.#port.say({ is: "done", n, value: await this.#carryOut(question) });
      } catch (error) {
        this.#port.say({ is: "failed", n, error: portedError(error) });
      }
    }
  }

  async #carryOut(question: Exclude<Question, { readonly is: "outcome" | "thrown" | "broadcast" }>): Promise<number | undefined> {
    const { n } = question;
    switch (question.is) {
      case "publish":
        await this.#bus.publish(question.to, withBuffer(question.message));
        return undefined;
      case "consume":
        this.#subscriptions.set(n, await this.#bus.consume(question.queue, this.#handler(n), question.options));
        return undefined;
      case "subscribe":
        this.#subscriptions.set(n, await this.#subscribe(question));
        return undefined;
      case "drain":
        return this.#bus.drain(question.queue, question.most, this.#handler(n));
      case "exists":
        return Number(await this.#bus.exists(question.queue));
      case "depth":
        return this.#bus.depth(question.queue);
      case "remove":
        await this.#bus.remove(question.queue);
        return undefined;
      case "bind":
      case "unbind":
        await this.#bus[question.is](question.queue, question.from);
        return undefined;
      case "end":
        await this.#subscriptions.get(question.of)?.close();
        return undefined;
      case "close":
        clearInterval(this.#look);
        await this.#bus.close();
        return undefined;
    }
  }

  #subscribe({ n: of, exchange, subscriber, most }: Extract<Question, { readonly is: "subscribe" }>): Promise<Subscription> {
    return this.#bus.subscribe(exchange, subscriber, (delivery) => this.#port.say({ is: "notice", of, delivery: this.#moved(delivery) }), {
      onGap: () => this.#port.say({ is: "gap", of }),
      ...(most === undefined ? {} : { most }),
    });
  }

  /** Hands messages to the other thread. */
  #handler(of: number): Handler {
    return (delivery) => {
      const number = ++this.#deliveries;
      const outcome = new Deferred<Outcome>();
      this.#delivered.set(number, outcome);
      this.#port.say({ is: "delivery", of, number, delivery: this.#moved(delivery) });
      return outcome.promise;
    };
  }

  #moved(delivery: Delivery): Delivery {
    return { ...delivery, body: this.#port.moved(delivery.body) };
  }

  #settled(number: number): Deferred<Outcome> | undefined {
    const outcome = this.#delivered.get(number);
    this.#delivered.delete(number);
    return outcome;
  }

  #sayLink(): void {
    const { connected, isReading } = this.#bus;
    if (connected === this.#connected && isReading === this.#isReading) return;
    this.#connected = connected;
    this.#isReading = isReading;
    this.#port.say({ is: "link", connected, isReading });
  }

  /** The other thread is gone: its messages go back to their queues when the bus is closed. */
  #end(): void {
    clearInterval(this.#look);
    this.#delivered.clear();
  }
}

function withBuffer(message: Message): Message {
  return { ...message, body: asBuffer(message.body) };
}
