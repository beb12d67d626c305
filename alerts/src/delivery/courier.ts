import { createHash } from "node:crypto";
import { BackOff, errorText, failpoint, type Logger } from "@streamgauge/core";
import { DeliveryError, type Notification, type Receiver } from "../receivers/receiver.js";
import type { Deliveries } from "./deliveries.js";
import { nextStep } from "./next-step.js";

/** Pauses after a failure, in ms: the ceiling doubles from the first to the most. */
export interface Pauses {
  readonly first: number;
  readonly most: number;
}

export interface CourierOptions {
  readonly receiver: Receiver;
  readonly deliveries: Deliveries;
  readonly perHour: number;
  readonly pauses: Pauses;
  readonly log: Logger;
  /** Called after each change of the deliveries; resolves when it is on disk. */
  readonly save: () => Promise<unknown>;
  readonly onDelivered: (alerts: number) => void;
  readonly onFailure: () => void;
}

/** The longest delay that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Delivers what waits for one receiver, one message after another. It waits for no other receiver. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #backOff: BackOff;
  readonly #closing = new AbortController();
  #awake: () => void = () => undefined;
  #woken = false;
  #resentAt = -Infinity;
  #failure = "";
  readonly #work: Promise<void>;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.pauses.first, options.pauses.most);
    this.#work = this.#run();
  }

  get receiver(): Receiver {
    return this.#options.receiver;
  }

  /** There may be something to deliver. */
  wake(): void {
    this.#woken = true;
    this.#awake();
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const pause = await this.#step();
      if (pause > 0) await this.#sleep(pause);
    }
  }

  /** Sends one message, if one is due. @returns how long to wait then, in ms; Infinity until there is something new. */
  async #step(): Promise<number> {
    const { receiver, deliveries, perHour } = this.#options;
    const now = Date.now();
    const { id, isLimited } = receiver;
    this.#woken = false;
    const step = nextStep(deliveries.waiting(id), deliveries.sent(id), now, isLimited ? perHour : undefined);
    if (step.kind === "send") return this.#attempt(() => this.#deliver(step.keys), step.keys);
    const untilResend = this.#untilResend(now);
    if (untilResend <= 0) return this.#attempt(() => this.#resend(), []);
    return step.kind === "wait" ? Math.min(step.ms, untilResend) : untilResend;
  }

  #untilResend(now: number): number {
    const { receiver, deliveries } = this.#options;
    if (receiver.resendMs === undefined || deliveries.firing.length === 0) return Infinity;
    // A clock that was set back makes it due.
    return now < this.#resentAt ? 0 : this.#resentAt + receiver.resendMs - now;
  }

  async #deliver(keys: readonly string[]): Promise<void> {
    const { receiver, deliveries, save, onDelivered } = this.#options;
    const { id } = receiver;
    const skipped = deliveries.skipped(id);
    await receiver.deliver(this.#notification(keys, skipped), this.#closing.signal);
    failpoint("alerts-after-delivery");
    deliveries.delivered(id, keys, keys.length > 1 ? skipped : 0, Date.now());
    onDelivered(keys.length);
    await save();
  }

  #notification(keys: readonly string[], skipped: number): Notification {
    const [alert, ...others] = this.#options.deliveries.alerts(keys);
    if (alert === undefined) throw new Error(`There is no alert ${keys.join(", ")}.`);
    if (others.length === 0) return { kind: "alert", id: keys[0] ?? "", alert };
    const id = `summary-${createHash("sha256").update(keys.join()).digest("hex").slice(0, 16)}`;
    return { kind: "summary", id, alerts: [alert, ...others], skipped };
  }

  async #resend(): Promise<void> {
    const { receiver, deliveries } = this.#options;
    await receiver.resend?.(deliveries.firing, this.#closing.signal);
    this.#resentAt = Date.now();
  }

  /** @returns how long to wait after it, in ms. */
  async #attempt(action: () => Promise<void>, keys: readonly string[]): Promise<number> {
    const { receiver, log } = this.#options;
    try {
      await action();
    } catch (error) {
      return this.#closing.signal.aborted ? Infinity : this.#failed(error, keys);
    }
    this.#backOff.reset();
    if (this.#failure !== "") log.info(`${receiver.name} takes alerts again.`);
    this.#failure = "";
    return 0;
  }

  #failed(error: unknown, keys: readonly string[]): number {
    const { receiver, deliveries, log, save, onFailure } = this.#options;
    onFailure();
    const reason = errorText(error);
    const refused = error instanceof DeliveryError && error.refusesMessage && keys.length > 0;
    if (refused) {
      deliveries.refused(receiver.id, keys, Date.now());
      void save();
      // It has answered.
      this.#backOff.reset();
      this.#failure = "";
      log.error(`${receiver.name} ${reason}; it refuses the alert ${keys[0] ?? ""}, which is tried again later. Others are sent.`);
      return 0;
    }
    const waiting = deliveries.waiting(receiver.id).length;
    if (reason !== this.#failure) {
      const waits = waiting === 1 ? "1 alert waits for it and is" : `${waiting} alerts wait for it and are`;
      log.warn(`${receiver.name} ${reason}. ${waits} sent again; other receivers get theirs.`);
    }
    this.#failure = reason;
    return Math.max(this.#backOff.next(), error instanceof DeliveryError ? error.retryAfterMs : 0);
  }

  /** Waits so long. Anything new ends the wait, unless the receiver failed: then its pause is kept. */
  async #sleep(ms: number): Promise<void> {
    if (this.#closing.signal.aborted || (this.#woken && this.#failure === "")) return;
    await new Promise<void>((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(resolve, Math.min(ms, MAX_TIMER_MS)) : undefined;
      this.#awake = () => {
        if (this.#failure !== "" && !this.#closing.signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#awake = () => undefined;
  }

  /** Gives up what is under way; it is sent again after the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#awake();
    await this.#work;
  }
}
