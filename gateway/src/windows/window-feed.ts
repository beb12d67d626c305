import {
  DONE,
  FrameRefusedError,
  type Bus,
  type Closable,
  type Delivery,
  type Outcome,
  type Refusal,
  type Subscription,
} from "@streamgauge/core";

/** Unacknowledged messages, of up to a hundred windows each. */
const PREFETCH = 4;

/** A message of windows as it is read. */
interface ReadMessage {
  readonly windows: readonly unknown[];
  /** Why windows of it cannot be read; the others are there all the same. */
  readonly refusals: readonly Refusal[];
}

/** Which windows come, and what becomes of them. */
export interface WindowFeedOptions<M extends ReadMessage> {
  readonly queue: string;
  /** @throws FrameRefusedError */
  readonly read: (delivery: Delivery) => M;
  /** Stores the windows. @throws if `signal` is aborted first. */
  readonly put: (message: M, signal: AbortSignal) => Promise<void>;
  /** Called with each message that was stored. */
  readonly onStored: (message: M) => void;
}

/** Stores the windows that metrics sends, and acknowledges a message when they are stored. */
export class WindowFeed<M extends ReadMessage> implements Closable {
  readonly #bus: Bus;
  readonly #options: WindowFeedOptions<M>;
  readonly #ending = new AbortController();
  /** Messages that are being stored. */
  readonly #storing = new Set<Promise<void>>();
  #subscription: Subscription | undefined;

  constructor(bus: Bus, options: WindowFeedOptions<M>) {
    this.#bus = bus;
    this.#options = options;
  }

  /** @throws QueueTakenError if another gateway reads them. */
  async start(): Promise<void> {
    const options = { prefetch: PREFETCH, exclusive: true };
    this.#subscription = await this.#bus.consume(this.#options.queue, (delivery) => this.#take(delivery), options);
  }

  async #take(delivery: Delivery): Promise<Outcome> {
    try {
      const message = this.#options.read(delivery);
      if (message.windows.length > 0) await this.#put(message);
      return message.refusals.length === 0 ? DONE : { kind: "dead", refusals: message.refusals };
    } catch (error) {
      if (error instanceof FrameRefusedError) return { kind: "dead", refusals: [error.refusal] };
      if (this.#ending.signal.aborted) return { kind: "retry", reason: "the gateway ends" };
      throw error;
    }
  }

  async #put(message: M): Promise<void> {
    const storing = this.#options.put(message, this.#ending.signal);
    this.#storing.add(storing);
    try {
      await storing;
      this.#options.onStored(message);
    } finally {
      this.#storing.delete(storing);
    }
  }

  /** Resolves when nothing uses the database any more. */
  async close(): Promise<void> {
    await this.#subscription?.close();
    this.#ending.abort();
    await Promise.allSettled(this.#storing);
  }
}
