import { Deferred } from "../../deferred.js";
import type { Logger } from "../../logging.js";
import type { Bus, ConsumeOptions, Handler } from "../bus.js";
import type { Disposition } from "../delivery-ledger.js";
import { RepeatedWarning } from "../repeated-warning.js";
import { FINISH_MS, settlementOf, unfinished } from "../settlement.js";
import { settlesWithin } from "../settles-within.js";
import { asDelivery, type Stored } from "./message.js";
import type { MemoryQueue, Reader } from "./queue.js";

/** Reads one queue for one bus. */
export class MemoryConsumer {
  readonly #queue: MemoryQueue;
  readonly #reader: Reader;
  readonly #log: Logger;
  readonly #inFlight = new Set<Stored>();
  readonly #idle = new Deferred<void>();
  #finishing: Promise<void> | undefined;
  #abandoned = false;

  constructor(queue: MemoryQueue, handler: Handler, options: ConsumeOptions, bus: Bus, stage: string, log: Logger) {
    this.#queue = queue;
    this.#log = log;
    const tools = { bus, stage, log, warnings: new RepeatedWarning(log) };
    const take = (stored: Stored) => {
      this.#inFlight.add(stored);
      const delivery = asDelivery(stored, queue.name);
      void settlementOf(delivery, handler, tools).then((how) => this.#settle(stored, how));
    };
    this.#reader = { prefetch: options.prefetch, exclusive: options.exclusive ?? false, take, inFlight: 0 };
    queue.addReader(this.#reader);
  }

  #settle(stored: Stored, how: Disposition): void {
    if (this.#abandoned) return;
    this.#inFlight.delete(stored);
    if (how === "requeue") this.#queue.putBack([stored]);
    this.#queue.settled(this.#reader);
    if (this.#finishing !== undefined && this.#inFlight.size === 0) this.#idle.resolve();
  }

  finish(): Promise<void> {
    this.#finishing ??= this.#finish();
    return this.#finishing;
  }

  async #finish(): Promise<void> {
    this.#queue.removeReader(this.#reader);
    if (this.#inFlight.size === 0 || (await settlesWithin(FINISH_MS, this.#idle.promise))) return;
    this.#log.warn(unfinished(this.#inFlight.size, this.#queue.name));
    this.abandon();
  }

  /** The link is lost: the broker takes back all that was not answered, and later answers count for nothing. */
  abandon(): void {
    if (this.#abandoned) return;
    this.#abandoned = true;
    this.#queue.removeReader(this.#reader);
    this.#queue.putBack([...this.#inFlight]);
    this.#inFlight.clear();
    this.#idle.resolve();
  }
}
