import {
  DONE,
  FrameRefusedError,
  WINDOW_REQUESTS_EXCHANGE,
  WINDOWS_QUEUE,
  type Bus,
  type Closable,
  type Delivery,
  type Outcome,
  type Subscription,
} from "@streamgauge/core";
import { readWindowMessage, windowRequest, type WindowMessage } from "@streamgauge/core/windows";
import type { WindowStore } from "../store/window-store.js";

/** Unacknowledged messages, of up to a hundred windows each. */
const PREFETCH = 4;

/** Stores the windows that metrics sends, and acknowledges a message when they are stored. */
export class WindowFeed implements Closable {
  readonly #bus: Bus;
  readonly #store: WindowStore;
  readonly #ending = new AbortController();
  /** Messages that are being stored. */
  readonly #storing = new Set<Promise<void>>();
  #subscription: Subscription | undefined;

  readonly #onStored: (message: WindowMessage) => void;

  /** @param onStored - called with each message that was stored. */
  constructor(bus: Bus, store: WindowStore, onStored: (message: WindowMessage) => void) {
    this.#bus = bus;
    this.#store = store;
    this.#onStored = onStored;
  }

  /** Asks for all windows too: those of the time before, if the database is new. @throws QueueTakenError if another gateway reads them. */
  async start(): Promise<void> {
    const options = { prefetch: PREFETCH, exclusive: true };
    this.#subscription = await this.#bus.consume(WINDOWS_QUEUE, (delivery) => this.#take(delivery), options);
    this.#bus.broadcast(WINDOW_REQUESTS_EXCHANGE, windowRequest());
  }

  async #take(delivery: Delivery): Promise<Outcome> {
    try {
      const { refusals, ...message } = readWindowMessage(delivery);
      if (message.windows.length > 0) await this.#put(message);
      return refusals.length === 0 ? DONE : { kind: "dead", refusals };
    } catch (error) {
      if (error instanceof FrameRefusedError) return { kind: "dead", refusals: [error.refusal] };
      if (this.#ending.signal.aborted) return { kind: "retry", reason: "the gateway ends" };
      throw error;
    }
  }

  async #put(message: WindowMessage): Promise<void> {
    const storing = this.#store.put(message, this.#ending.signal);
    this.#storing.add(storing);
    try {
      await storing;
      this.#onStored(message);
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
