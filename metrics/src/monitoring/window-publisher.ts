import { BusClosedError, WINDOWS, errorText, type Bus, type LanePartition, type Logger } from "@streamgauge/core";
import { lengthOf, writeWindowMessage, type SavedWindow, type WindowAlarm } from "@streamgauge/core/windows";
import type { OpenJoin } from "../join/open-join.js";
import type { LaneAlarm } from "../alarm/raised-alarm.js";
import { windowAlarm } from "./window-alarms.js";
import type { Monitor } from "./monitor.js";
import type { WindowKey } from "./windows.js";

/** The least time between two messages with the same window, in ms. */
const EVERY_MS = 1_000;
/** Alarms that windows may show, the latest. */
const KEPT_ALARMS = 1_000;
/** Windows in one message. */
const AT_ONCE = 100;

/**
 * Sends windows that changed, as they are committed, to the gateway: durably, and at least once. After a start it sends all of
 * them, so nothing about what was sent needs to be stored.
 */
export class WindowPublisher {
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #partition: LanePartition;
  readonly #join: () => OpenJoin | undefined;
  #alarms: readonly WindowAlarm[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  /** Begins when `#sending` has ended: while the broker is away, one is enough. */
  #next: Promise<void> | undefined;

  /** @param join - the current join; undefined while it does not run. */
  constructor(bus: Bus, log: Logger, partition: LanePartition, join: () => OpenJoin | undefined) {
    this.#bus = bus;
    this.#log = log;
    this.#partition = partition;
    this.#join = join;
  }

  /** Windows may have changed: they are sent within a second. @param raised - the alarms that the commit raised. */
  onCommit(raised: readonly LaneAlarm[]): void {
    if (raised.length > 0) this.#alarms = [...this.#alarms, ...raised.map((alarm) => this.#windowAlarm(alarm))].slice(-KEPT_ALARMS);
    this.#sendSoon();
  }

  #windowAlarm(alarm: LaneAlarm): WindowAlarm {
    return windowAlarm(alarm, this.#partition.logName);
  }

  #sendSoon(): void {
    this.#timer ??= setTimeout(() => void this.flush(), EVERY_MS);
  }

  /** Sends every window that is kept. */
  sendAll(): void {
    const state = this.#join()?.state;
    if (state === undefined) return;
    const { windows } = state.monitor;
    this.#alarms = state.store.raisedAlarms().map((alarm) => this.#windowAlarm(alarm));
    windows.putBack([...windows.keys()]);
    this.#sendSoon();
  }

  /** Sends what changed. Resolves when the broker has confirmed it; never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next ??= this.#sending.then(() => {
      this.#next = undefined;
      return this.#send();
    });
    this.#sending = this.#next;
    return this.#next;
  }

  async #send(): Promise<void> {
    const monitor = this.#join()?.state.monitor;
    if (monitor === undefined) return;
    const keys = monitor.windows.takeChanged();
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      try {
        await this.#publish(monitor, keys.slice(at, at + AT_ONCE));
      } catch (error) {
        monitor.windows.putBack(keys.slice(at));
        if (!(error instanceof BusClosedError)) this.#log.error(`Windows could not be sent: ${errorText(error)}`);
        return;
      }
    }
  }

  async #publish(monitor: Monitor, keys: readonly WindowKey[]): Promise<void> {
    const windows = keys.map((key) => monitor.windows.saved(key)).filter((window): window is SavedWindow => window !== undefined);
    const { lane, name: partition } = this.#partition;
    if (windows.length === 0) return;
    const { watermark } = monitor.windows;
    const alarms = this.#alarms.filter(({ time }) => windows.some(({ size, start }) => time >= start && time < start + lengthOf(size)));
    const message = { lane, partition, epoch: monitor.epoch, watermark, windows, alarms };
    await this.#bus.publish(WINDOWS, writeWindowMessage(message));
  }
}
