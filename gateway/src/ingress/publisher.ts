import { activeSpans, BusClosedError, Deferred, type Address, type Bus, type FrameFormat, type Message } from "@streamgauge/core";

/** The broker is unreachable, or accepts nothing now. Nothing was sent. */
export class BrokerAwayError extends Error {
  override readonly name = "BrokerAwayError";
}

/** The broker did not confirm a message in time. The bus keeps sending it until it is confirmed. */
export class UnconfirmedError extends Error {
  override readonly name = "UnconfirmedError";
}

/** What a publisher sends through. */
export type Sender = Pick<Bus, "connected" | "publish">;

export interface PublisherOptions {
  /** How long a sender waits for a confirm, in ms. */
  readonly patienceMs: number;
  /** Limit of unconfirmed bytes. */
  readonly mostBytes: number;
}

const DEFAULTS: PublisherOptions = { patienceMs: 10_000, mostBytes: 64 * 1024 * 1024 };

/** Publishes in bounded memory, and throws if the broker does not accept. */
export class Publisher {
  readonly #bus: Sender;
  readonly #options: PublisherOptions;
  #bytes = 0;

  constructor(bus: Sender, options: PublisherOptions = DEFAULTS) {
    this.#bus = bus;
    this.#options = options;
  }

  /** @throws BrokerAwayError if nothing can be sent now. */
  requireBroker(): void {
    if (!this.#bus.connected) throw new BrokerAwayError("RabbitMQ is away.");
    if (this.#bytes > this.#options.mostBytes) throw new BrokerAwayError("RabbitMQ takes nothing just now: its queues are full.");
  }

  /**
   * Resolves when the broker has confirmed the message.
   *
   * @throws BrokerAwayError if it was not sent; UnconfirmedError if the outcome is unknown.
   */
  async publish(to: Address, message: Message): Promise<void> {
    this.requireBroker();
    this.#bytes += message.body.length;
    const confirmed = this.#bus.publish(to, message).finally(() => {
      this.#bytes -= message.body.length;
    });
    // Ignores a rejection that arrives after the timeout.
    confirmed.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, this.#options.patienceMs, false).unref();
    });
    const inTime = await Promise.race([confirmed.then(() => true), late]).finally(() => clearTimeout(timer));
    if (!inTime) throw new UnconfirmedError("RabbitMQ has not confirmed the rows yet. They are sent on, and may be accepted later.");
  }

  /**
   * Sends at the broker's pace, without a time limit.
   *
   * @throws BusClosedError, also if the signal is aborted first. The message may have been sent by then.
   */
  async publishUntilConfirmed(to: Address, message: Message, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new BusClosedError(to);
    const over = new Deferred<never>();
    const end = () => over.reject(new BusClosedError(to));
    signal.addEventListener("abort", end, { once: true });
    over.promise.catch(() => undefined);
    // It may run in the wake of any request.
    const confirmed = this.#bus.publish(to, activeSpans().length === 0 ? message : { ...message, spans: [] });
    confirmed.catch(() => undefined);
    await Promise.race([confirmed, over.promise]).finally(() => signal.removeEventListener("abort", end));
  }
}

/** Arrow for many numeric rows, several times cheaper to read; JSON for few, which people can read. */
export function formatFor(rows: number, columns: Iterable<unknown>): FrameFormat {
  return rows >= 64 && [...columns].every((column) => column instanceof Float64Array) ? "arrow" : "json";
}
