import { setTimeout as delay } from "node:timers/promises";
import { BusClosedError, Deferred, type Address, type Bus, type FrameFormat, type Message } from "@streamgauge/core";

/** The broker is away, or takes nothing just now. Nothing was sent. */
export class BrokerAwayError extends Error {
  override readonly name = "BrokerAwayError";
}

/** A message that was sent and that the broker has not confirmed in time: it is sent on until it is confirmed. */
export class UnconfirmedError extends Error {
  override readonly name = "UnconfirmedError";
}

export interface PublisherOptions {
  /** How long a sender waits for the broker's confirm, in ms. */
  readonly patienceMs: number;
  /** Bytes that may be unconfirmed at once. */
  readonly mostBytes: number;
}

const DEFAULTS: PublisherOptions = { patienceMs: 10_000, mostBytes: 64 * 1024 * 1024 };

/** Sends what requests bring, in bounded memory, and says so when the broker does not take it. */
export class Publisher {
  readonly #bus: Bus;
  readonly #options: PublisherOptions;
  #bytes = 0;

  constructor(bus: Bus, options: PublisherOptions = DEFAULTS) {
    this.#bus = bus;
    this.#options = options;
  }

  /** @throws BrokerAwayError where nothing can be sent now. */
  requireBroker(): void {
    if (!this.#bus.connected) throw new BrokerAwayError("RabbitMQ is away.");
    if (this.#bytes > this.#options.mostBytes) throw new BrokerAwayError("RabbitMQ takes nothing just now: its queues are full.");
  }

  /**
   * Resolves when the broker has confirmed the message.
   *
   * @throws BrokerAwayError where it was not sent; UnconfirmedError where nobody knows yet.
   */
  async publish(to: Address, message: Message): Promise<void> {
    this.requireBroker();
    this.#bytes += message.body.length;
    const confirmed = this.#bus.publish(to, message).finally(() => {
      this.#bytes -= message.body.length;
    });
    const waiting = new AbortController();
    const late = delay(this.#options.patienceMs, true, { signal: waiting.signal, ref: false }).catch(() => true);
    // Who gave up waiting does not hear how it ended.
    confirmed.catch(() => undefined);
    const inTime = await Promise.race([confirmed.then(() => true), late.then(() => false)]).finally(() => waiting.abort());
    if (!inTime) throw new UnconfirmedError("RabbitMQ has not confirmed the rows yet. They are sent on, and may be accepted later.");
  }

  /**
   * Sends at the pace of the broker, however long that takes.
   *
   * @throws BusClosedError, also where the signal is aborted first. The message may have been sent then.
   */
  async publishUntilConfirmed(to: Address, message: Message, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new BusClosedError(to);
    const over = new Deferred<never>();
    const end = () => over.reject(new BusClosedError(to));
    signal.addEventListener("abort", end, { once: true });
    over.promise.catch(() => undefined);
    const confirmed = this.#bus.publish(to, message);
    confirmed.catch(() => undefined);
    await Promise.race([confirmed, over.promise]).finally(() => signal.removeEventListener("abort", end));
  }
}

/** Arrow for many rows of numbers, which is several times cheaper to read; JSON for few, which a person can read. */
export function formatFor(rows: number, columns: Iterable<unknown>): FrameFormat {
  return rows >= 64 && [...columns].every((column) => column instanceof Float64Array) ? "arrow" : "json";
}
