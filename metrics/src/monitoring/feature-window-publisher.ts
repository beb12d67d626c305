import {
  BusClosedError,
  errorText,
  FEATURE_WINDOWS,
  METRICS_EXCHANGE,
  readReferenceNotice,
  referenceRequest,
  WINDOW_REQUESTS_EXCHANGE,
  writeFeatureWindows,
  type Bus,
  type LanePartition,
  type Logger,
  type MonitoredReference,
  type SavedFeatureWindow,
  type Subscription,
} from "@streamgauge/core";
import type { OpenJoin } from "../join/open-join.js";
import type { FeatureWindowKey } from "../state/feature-tables.js";
import type { Monitor } from "./monitor.js";

/** The least time between two messages with the same window, in ms: one has some ten thousand bytes. */
const EVERY_MS = 5_000;
/** Windows in one message. */
const AT_ONCE = 20;

/**
 * Sends windows of features that changed, as they are committed, to the gateway: durably, and at least once. After a start it sends all of them.
 * With them go the references that their bins are of; it asks the model for those that it does not know.
 */
export class FeatureWindowPublisher {
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #partition: LanePartition;
  readonly #join: () => OpenJoin | undefined;
  /** Hashes of references that were sent since all windows were. */
  readonly #sent = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  /** @param join - the current join; undefined while it does not run. */
  constructor(bus: Bus, log: Logger, partition: LanePartition, join: () => OpenJoin | undefined) {
    this.#bus = bus;
    this.#log = log;
    this.#partition = partition;
    this.#join = join;
  }

  /** Takes the references that models announce. */
  follow(): Promise<Subscription> {
    return this.#bus.subscribe(METRICS_EXCHANGE, `metrics.${this.#partition.name}.references`, (delivery) => {
      const notice = readReferenceNotice(delivery);
      const monitor = this.#join()?.state.monitor;
      if (notice?.lane !== this.#partition.lane || monitor === undefined) return;
      if (monitor.references.learn(notice.reference)) this.#sendWithReference(monitor, notice.reference);
    });
  }

  /** A reference goes with any window of it. */
  #sendWithReference({ features }: Monitor, { hash }: MonitoredReference): void {
    const latest = features.latestOf(hash);
    if (latest === undefined) return;
    features.putBack([latest]);
    this.onCommit();
  }

  /** Windows may have changed: they are sent within some seconds. */
  onCommit(): void {
    this.#timer ??= setTimeout(() => void this.flush(), EVERY_MS);
  }

  /** Sends every window that is kept. */
  sendAll(): void {
    const features = this.#join()?.state.monitor.features;
    if (features === undefined) return;
    this.#sent.clear();
    features.putBack(features.keys());
    this.onCommit();
  }

  /** Sends what changed. Resolves when the broker has confirmed it; never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(() => this.#send());
    return this.#sending;
  }

  async #send(): Promise<void> {
    const monitor = this.#join()?.state.monitor;
    if (monitor === undefined) return;
    const keys = monitor.features.takeChanged();
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      try {
        await this.#publish(monitor, keys.slice(at, at + AT_ONCE));
      } catch (error) {
        monitor.features.putBack(keys.slice(at));
        if (!(error instanceof BusClosedError)) this.#log.error(`Windows of features could not be sent: ${errorText(error)}`);
        return;
      }
    }
  }

  async #publish(monitor: Monitor, keys: readonly FeatureWindowKey[]): Promise<void> {
    const windows = keys.map((key) => monitor.features.saved(key)).filter((window): window is SavedFeatureWindow => window !== undefined);
    if (windows.length === 0) return;
    const references = this.#referencesOf(monitor, windows);
    const { lane, name: partition } = this.#partition;
    const { watermark } = monitor.windows;
    await this.#bus.publish(
      FEATURE_WINDOWS,
      writeFeatureWindows({ lane, partition, epoch: monitor.epoch, watermark, references, windows }),
    );
    for (const { hash } of references) this.#sent.add(hash);
  }

  /** Those that were not sent before. */
  #referencesOf(monitor: Monitor, windows: readonly SavedFeatureWindow[]): MonitoredReference[] {
    const hashes = new Set(windows.map(({ layout }) => layout.split(" ")[0] ?? ""));
    const references = [...hashes].map((hash) => monitor.references.of(hash));
    if (references.includes(undefined)) this.#bus.broadcast(WINDOW_REQUESTS_EXCHANGE, referenceRequest());
    return references.filter((one): one is MonitoredReference => one !== undefined && !this.#sent.has(one.hash));
  }
}
