import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../../logging.js";
import { BusClosedError, QueueTakenError, type Subscription } from "../bus.js";
import { asError } from "./errors.js";
import type { RabbitSession } from "./session.js";

/** What has to be set up again in every session. */
export interface Reader extends Subscription {
  /** @throws QueueTakenError, or whatever the broker said. */
  start(session: RabbitSession): Promise<void>;
  /** Sends the acknowledgements of what was settled so far. */
  flush(): void;
}

export interface ReadersOptions {
  readonly log: Logger;
  /** Aborted when the bus is closed. */
  readonly closing: AbortSignal;
  /** How long a reader that is gone may still hold its queue, in ms. */
  readonly readerGoneWithinMs: number;
}

const TRY_AGAIN_MS = 1_000;

/** All that a bus reads, across its sessions. */
export class Readers {
  readonly #options: ReadersOptions;
  readonly #readers = new Set<Reader>();
  /** Those whose queues have another reader. */
  readonly #waiting = new Set<Reader>();

  constructor(options: ReadersOptions) {
    this.#options = options;
  }

  /** Whether none waits for its queue to be free. */
  get areAllReading(): boolean {
    return this.#waiting.size === 0;
  }

  /**
   * Starts a reader in the session that stands, or leaves it to the next one.
   *
   * @throws QueueTakenError if another reads its queue and goes on doing so; BusClosedError.
   */
  async add(reader: Reader, session: RabbitSession | undefined): Promise<Subscription> {
    this.#readers.add(reader);
    if (session !== undefined) await this.#start(reader, session);
    return {
      close: async () => {
        this.#readers.delete(reader);
        await reader.close();
      },
    };
  }

  async #start(reader: Reader, session: RabbitSession): Promise<void> {
    try {
      await this.#startWhenFree(reader, session, this.#options.readerGoneWithinMs);
    } catch (error) {
      if (error instanceof QueueTakenError || error instanceof BusClosedError) {
        this.#readers.delete(reader);
        throw error;
      }
      // The next session starts it.
      session.fail(asError(error));
    }
  }

  /**
   * Starts those that earlier sessions had, and no other that is added meanwhile. While the queue of one has another reader, mostly its own of
   * before, the others read on: a session that ended for it would have their messages come back with each try.
   */
  async startAgain(session: RabbitSession): Promise<void> {
    const readers = [...this.#readers];
    for (const reader of readers) {
      try {
        await reader.start(session);
      } catch (error) {
        if (!(error instanceof QueueTakenError)) throw error;
        this.#startWhenFree(reader, session, Infinity).catch((failure: unknown) => {
          if (!(failure instanceof BusClosedError)) session.fail(asError(failure));
        });
      }
    }
  }

  /** Tries until the queue is free: its reader may be gone, and RabbitMQ not know it yet. @throws QueueTakenError if it is not in time; BusClosedError. */
  async #startWhenFree(reader: Reader, session: RabbitSession, withinMs: number): Promise<void> {
    const { log, closing } = this.#options;
    const deadline = performance.now() + withinMs;
    try {
      while (session.reason === undefined && this.#readers.has(reader)) {
        try {
          return await reader.start(session);
        } catch (error) {
          if (!(error instanceof QueueTakenError) || performance.now() >= deadline) throw error;
          const howLong = withinMs === Infinity ? "until it is free" : `for ${withinMs / 1_000} s`;
          if (!this.#waiting.has(reader)) log.warn(`${error.message} Trying ${howLong}.`);
          this.#waiting.add(reader);
        }
        await delay(TRY_AGAIN_MS, undefined, { signal: closing }).catch(() => undefined);
        if (closing.aborted) throw new BusClosedError();
      }
    } finally {
      this.#waiting.delete(reader);
    }
  }

  /** Sends the acknowledgements of what was settled so far. */
  flush(): void {
    for (const reader of this.#readers) reader.flush();
  }
}
