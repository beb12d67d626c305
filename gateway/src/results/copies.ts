import { copiedFrom, gatewayQueuesOf, type Address, type Bus, type Closable, type Logger, type Message } from "@streamgauge/core";
import type { Sender } from "../ingress/publisher.js";

/** What the gateway waits for. */
export interface Expected {
  readonly expectsAnswers: boolean;
  readonly expectsLabels: boolean;
}

/** How long nothing must be expected before the copies end, in ms. After a start in which nothing is expected they end with the first look. */
const IDLE_MS = 60_000;
/** How many looks there are in that time. */
const LOOKS = 6;

export interface CopiesOptions {
  readonly bus: Bus;
  readonly lane: string;
  /** Of the lane. Default: 1. */
  readonly partitions?: number | undefined;
  readonly log: Logger;
}

/** Sends rows whose results come back, and has the broker copy results to the gateway's queues only while some are expected. */
export class Copies implements Sender, Closable {
  readonly #bus: Bus;
  readonly #queues: readonly CopiedQueue[];
  readonly #look: NodeJS.Timeout;

  constructor({ bus, lane, partitions = 1, log }: CopiesOptions, expected: () => Expected, idleMs = IDLE_MS) {
    const { predictions, labels } = gatewayQueuesOf(lane);
    const from = copiedFrom(lane, partitions);
    this.#bus = bus;
    this.#queues = [
      new CopiedQueue(bus, predictions, from.predictions, () => expected().expectsAnswers),
      new CopiedQueue(bus, labels, from.labels, () => expected().expectsLabels),
    ];
    const end = (error: unknown) => log.debug(error, "Copies that nobody expects go on.");
    this.#look = setInterval(() => {
      for (const queue of this.#queues) queue.endUnlessExpected(idleMs).catch(end);
    }, idleMs / LOOKS).unref();
  }

  get connected(): boolean {
    return this.#bus.connected;
  }

  async publish(to: Address, message: Message): Promise<void> {
    for (const queue of this.#queues) await queue.begin();
    await this.#bus.publish(to, message);
  }

  close(): void {
    clearInterval(this.#look);
  }
}

/** A queue that is bound while something is expected from it. The topology binds it too, at each start of a link. */
class CopiedQueue {
  readonly #bus: Bus;
  readonly #queue: string;
  readonly #from: readonly Address[];
  readonly #isExpected: () => boolean;
  #bound: Promise<void> | undefined = Promise.resolve();
  #ending: Promise<void> = Promise.resolve();
  #expectedAt = -Infinity;

  constructor(bus: Bus, queue: string, from: readonly Address[], isExpected: () => boolean) {
    this.#bus = bus;
    this.#queue = queue;
    this.#from = from;
    this.#isExpected = isExpected;
  }

  /** Resolves when copies of all that is sent from now on come. */
  begin(): Promise<void> {
    this.#expectedAt = performance.now();
    this.#bound ??= this.#bind();
    return this.#bound;
  }

  async #bind(): Promise<void> {
    try {
      // Its end may still be under way, and would undo this.
      await this.#ending.catch(() => undefined);
      await Promise.all(this.#from.map((from) => this.#bus.bind(this.#queue, from)));
    } catch (error) {
      this.#bound = undefined;
      throw error;
    }
  }

  /** Ends the copies, also those that a new link has begun, unless something is expected or was within that time. */
  async endUnlessExpected(idleMs: number): Promise<void> {
    if (this.#isExpected()) this.#expectedAt = performance.now();
    if (performance.now() - this.#expectedAt < idleMs) return;
    this.#bound = undefined;
    this.#ending = this.#unbind();
    await this.#ending;
  }

  async #unbind(): Promise<void> {
    await Promise.all(this.#from.map((from) => this.#bus.unbind(this.#queue, from)));
  }
}
