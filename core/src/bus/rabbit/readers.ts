import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../../logging.js";
import { BusClosedError, QueueTakenError, type Subscription } from "../bus.js";
import { asError, queueTaken } from "./errors.js";
import type { RabbitSession } from "./session.js";

/** What has to be set up again in every session. */
export interface Reader extends Subscription {
  /** The queue that it reads alone; undefined if it does not. */
  readonly alone: string | undefined;
  /** @throws QueueTakenError, or whatever the broker said. */
  start(session: RabbitSession): Promise<void>;
  /** Sends the acknowledgements of what was settled so far. */
  flush(): void;
}

export interface ReadersOptions {
  readonly log: Logger;
  /** Aborted when the bus is closed. */
  readonly closing: AbortSignal;
  /** Aborted when new readers are to wait for nothing any more; at the latest when the bus is closed. */
  readonly ending: AbortSignal;
  /** How long a reader that is gone may still hold its queue, in ms. */
  readonly readerGoneWithinMs: number;
}

const TRY_AGAIN_MS = 1_000;

/** All that a bus reads, across its sessions. */
export class Readers {
  readonly #options: ReadersOptions;
  readonly #readers = new Set<Reader>();
  /** Those that do not read yet, and in which session they are to. */
  readonly #starting = new Map<Reader, RabbitSession>();

  constructor(options: ReadersOptions) {
    this.#options = options;
  }

  /** Whether none waits for an answer, or for its queue to be free. */
  get areAllReading(): boolean {
    return this.#starting.size === 0;
  }

  /**
   * Starts a reader in the session that stands, or leaves it to the next one.
   *
   * @throws QueueTakenError if another reads its queue and goes on doing so; BusClosedError.
   */
  async add(reader: Reader, session: RabbitSession | undefined): Promise<Subscription> {
    const { alone } = reader;
    // Its locks are those of the link, which it would get.
    if (alone !== undefined && [...this.#readers].some((other) => other.alone === alone)) throw queueTaken(alone);
    this.#readers.add(reader);
    if (session !== undefined) await this.#start(reader, session);
    return {
      close: async () => {
        this.#remove(reader);
        await reader.close();
      },
    };
  }

  #remove(reader: Reader): void {
    this.#readers.delete(reader);
    this.#starting.delete(reader);
  }

  async #start(reader: Reader, session: RabbitSession): Promise<void> {
    const { readerGoneWithinMs, ending } = this.#options;
    try {
      await this.#startWhenFree(reader, session, readerGoneWithinMs, ending);
    } catch (error) {
      if (error instanceof QueueTakenError || error instanceof BusClosedError) {
        this.#remove(reader);
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
    for (const reader of readers) this.#starting.set(reader, session);
    for (const reader of readers) {
      try {
        await this.#startIn(session, reader);
      } catch (error) {
        if (!(error instanceof QueueTakenError)) throw error;
        this.#startWhenFree(reader, session, Infinity, this.#options.closing).catch((failure: unknown) => {
          if (!(failure instanceof BusClosedError)) session.fail(asError(failure));
        });
      }
    }
  }

  /**
   * Tries until the queue is free: its reader may be gone, and RabbitMQ not know it yet.
   *
   * @throws QueueTakenError if it is not in time; BusClosedError if `until` is aborted first.
   */
  async #startWhenFree(reader: Reader, session: RabbitSession, withinMs: number, until: AbortSignal): Promise<void> {
    const deadline = performance.now() + withinMs;
    let isSaid = false;
    while (session.reason === undefined && this.#readers.has(reader)) {
      try {
        return await this.#startIn(session, reader);
      } catch (error) {
        if (!(error instanceof QueueTakenError) || performance.now() >= deadline) throw error;
        const howLong = withinMs === Infinity ? "until it is free" : `for ${withinMs / 1_000} s`;
        if (!isSaid) this.#options.log.warn(`${error.message} Trying ${howLong}.`);
        isSaid = true;
      }
      await delay(TRY_AGAIN_MS, undefined, { signal: until }).catch(() => undefined);
      if (until.aborted) throw new BusClosedError();
    }
  }

  async #startIn(session: RabbitSession, reader: Reader): Promise<void> {
    this.#starting.set(reader, session);
    const late = session.limitSetUp();
    try {
      await reader.start(session);
      // A later session may be at it already.
      if (this.#starting.get(reader) === session) this.#starting.delete(reader);
    } finally {
      clearTimeout(late);
    }
  }

  /** Sends the acknowledgements of what was settled so far. */
  flush(): void {
    for (const reader of this.#readers) reader.flush();
  }
}
