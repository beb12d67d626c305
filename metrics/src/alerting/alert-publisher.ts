import { alertContract, ALERTS, BusClosedError, errorText, failpoint, type Bus, type Logger } from "@streamgauge/core";
import type { Alerting } from "./alerting.js";

/** What the publisher needs of a lane that runs. */
export interface RunningRules {
  readonly alerting: Alerting;
  /** Has the next commit remove what is confirmed. */
  wake(): void;
}

/** Sends the alerts of the outbox in order. While the broker takes none, they wait there, and nothing else waits for them. */
export class AlertPublisher {
  readonly #bus: Pick<Bus, "publish">;
  readonly #log: Logger;
  readonly #current: () => RunningRules | undefined;
  /** Numbers of entries that the broker has confirmed and that are still in the outbox. */
  readonly #confirmed = new Set<number>();
  #isSending = false;
  #waitingSince: number | undefined;
  #saidDropped = 0;

  /** @param current - the lane; undefined while it does not run. */
  constructor(bus: Pick<Bus, "publish">, log: Logger, current: () => RunningRules | undefined) {
    this.#bus = bus;
    this.#log = log;
    this.#current = current;
  }

  /** Sends what was committed. Call it after each commit, and now and then to try again what failed. */
  send(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    void this.#run().finally(() => (this.#isSending = false));
  }

  async #run(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      try {
        await this.#bus.publish(ALERTS, alertContract.write(next.alert));
      } catch (error) {
        if (!(error instanceof BusClosedError))
          this.#log.error(`The alert ${next.alert.rule} cannot be sent: ${errorText(error)} It is kept and tried again.`);
        return;
      }
      failpoint("metrics-after-alert-confirm");
      this.#confirmed.add(next.sequence);
      this.#waitingSince = undefined;
    }
  }

  /** The oldest entry that is not confirmed. Tells the lane of those that are. */
  #next() {
    const lane = this.#current();
    if (lane === undefined) return undefined;
    const { entries } = lane.alerting.outbox;
    const kept = new Set(entries.map(({ sequence }) => sequence));
    for (const sequence of this.#confirmed) {
      if (kept.has(sequence)) lane.alerting.confirm(sequence);
      else this.#confirmed.delete(sequence);
    }
    if (this.#confirmed.size > 0) lane.wake();
    return entries.find(({ sequence }) => !this.#confirmed.has(sequence));
  }

  /** Says so if alerts wait for long. @param now - ms, by a clock that never decreases. */
  check(now: number): void {
    const { entries = [], dropped = 0 } = this.#current()?.alerting.outbox ?? {};
    if (dropped > this.#saidDropped)
      this.#log.error(
        `${dropped} alerts were left out, because ${entries.length} wait for the broker. The alerts of this lane are listed by \`streamgauge alerts\`.`,
      );
    this.#saidDropped = dropped;
    if (entries.length === 0) this.#waitingSince = undefined;
    else if (this.#waitingSince === undefined) this.#waitingSince = now;
    else if (now - this.#waitingSince >= WARN_MS) {
      this.#log.warn(
        `${entries.length} alerts wait for the broker: its link is down, or the queue alerts is full because no process of alerts reads it.`,
      );
      this.#waitingSince = Infinity;
    }
  }
}

/** An alert that waits longer than this for the broker is logged, once; in ms. */
const WARN_MS = 60_000;
