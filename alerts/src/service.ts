import {
  alertContract,
  ALERTS_QUEUE,
  DONE,
  failpoint,
  FrameRefusedError,
  openInLogsDir,
  type Alert,
  type Bus,
  type Closable,
  type Delivery,
  type Logger,
  type Outcome,
  type Subscription,
} from "@streamgauge/core";
import type { Registry } from "prom-client";
import { Courier, type Pauses } from "./delivery/courier.js";
import { Deliveries } from "./delivery/deliveries.js";
import { DeliveryStore, readDeliveries } from "./delivery/delivery-store.js";
import { lineOf } from "./receivers/notification-text.js";
import type { Receiver } from "./receivers/receiver.js";
import { createTelemetry, type Telemetry } from "./telemetry.js";

export interface AlertsOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly logsDir: string;
  /** Where it keeps what each receiver has got. */
  readonly statePath: string;
  readonly receivers: readonly Receiver[];
  /** Messages that a limited receiver gets at most within an hour. */
  readonly perHour: number;
  /** Default: from a second to five minutes. */
  readonly pauses?: Pauses;
}

/** The running service. */
export interface Alerts extends Closable {
  /** Alerts that wait for some receiver. */
  readonly waiting: number;
  /** The receivers, and how many alerts wait for each. */
  readonly receivers: readonly { readonly name: string; readonly waiting: number }[];
  close(): Promise<void>;
}

/** Unanswered messages: those that share a write of the state. */
const PREFETCH = 100;
const PAUSES: Pauses = { first: 1_000, most: 5 * 60_000 };

/**
 * Delivers alerts to all receivers until closed, at least once to each. A message is acknowledged when the alert is on disk;
 * each receiver then gets it at its own pace.
 *
 * @throws LogsDirError, LaterVersionError, QueueTakenError
 */
export async function startAlerts(options: AlertsOptions): Promise<Alerts> {
  const { log, logsDir, statePath, receivers, registry, pauses = PAUSES } = options;
  const saved = await openInLogsDir(logsDir, async () => readDeliveries(statePath, log));
  const { deliveries, dropped } = Deliveries.restore(
    saved,
    receivers.map(({ id }) => id),
  );
  for (const [id, alerts] of dropped)
    log.warn(`${alerts} alerts waited for ${id}, which is not a receiver any more: they are in the file of alerts.`);
  const telemetry = createTelemetry(registry, deliveries, receivers);
  const store = new DeliveryStore(statePath, deliveries, log);
  const service = new AlertsService({ ...options, pauses }, deliveries, store, telemetry);
  await service.start();
  return service;
}

class AlertsService implements Alerts {
  readonly #options: AlertsOptions & { readonly pauses: Pauses };
  readonly #deliveries: Deliveries;
  readonly #store: DeliveryStore;
  readonly #telemetry: Telemetry;
  #couriers: readonly Courier[] = [];
  #subscription: Subscription | undefined;

  constructor(options: AlertsOptions & { readonly pauses: Pauses }, deliveries: Deliveries, store: DeliveryStore, telemetry: Telemetry) {
    this.#options = options;
    this.#deliveries = deliveries;
    this.#store = store;
    this.#telemetry = telemetry;
  }

  get waiting(): number {
    return new Set(this.#options.receivers.flatMap(({ id }) => this.#deliveries.waiting(id).map(({ key }) => key))).size;
  }

  get receivers(): Alerts["receivers"] {
    return this.#options.receivers.map(({ id, name, path }) => ({ name: path ?? name, waiting: this.#deliveries.waiting(id).length }));
  }

  async start(): Promise<void> {
    const { bus, log } = this.#options;
    try {
      this.#subscription = await bus.consume(ALERTS_QUEUE, (delivery) => this.#handle(delivery), { prefetch: PREFETCH, exclusive: true });
    } catch (error) {
      await this.close();
      throw error;
    }
    // Not before the queue is its own: another process with the same state would deliver the same alerts.
    this.#couriers = this.#options.receivers.map((receiver) => this.#courierOf(receiver));
    log.info(`Alerts go to ${this.receivers.map(({ name }) => name).join(", ")}.`);
  }

  #courierOf(receiver: Receiver): Courier {
    const { perHour, pauses, log } = this.#options;
    return new Courier({
      receiver,
      deliveries: this.#deliveries,
      perHour,
      pauses,
      log,
      save: () => this.#store.save(),
      onDelivered: (alerts) => this.#telemetry.onDelivered(receiver, alerts),
      onFailure: () => this.#telemetry.onFailure(receiver),
    });
  }

  async #handle(delivery: Delivery): Promise<Outcome> {
    try {
      this.#take(alertContract.read(delivery));
    } catch (error) {
      if (!(error instanceof FrameRefusedError)) throw error;
      return { kind: "dead", refusals: [error.refusal] };
    }
    failpoint("alerts-before-save");
    const isSaved = await this.#store.save();
    failpoint("alerts-after-save");
    return isSaved ? DONE : { kind: "retry", reason: "alerts stopped before it was saved" };
  }

  #take(alert: Alert): void {
    if (!this.#deliveries.take(alert)) return;
    this.#telemetry.onReceived(alert.state);
    if (alert.state === "firing") this.#options.log.warn(lineOf(alert));
    else this.#options.log.info(lineOf(alert));
    for (const courier of this.#couriers) courier.wake();
  }

  async close(): Promise<void> {
    // Messages in hand wait for it.
    this.#store.stopRetrying();
    await this.#subscription?.close();
    await Promise.all(this.#couriers.map((courier) => courier.close()));
    await this.#store.close();
  }
}
