import {
  BackOff,
  DEAD_HEADER,
  describeRefusal,
  DONE,
  FEATURES,
  featuresContract,
  FrameRefusedError,
  gatewayQueuesOf,
  labelContract,
  predictionContract,
  readReasons,
  type Bus,
  type Closable,
  type Delivery,
  type Handler,
  type LabelFrame,
  type PredictionFrame,
  type Refusal,
  type Subscription,
} from "@streamgauge/core";
import { setTimeout as delay } from "node:timers/promises";
import type { Expected } from "./copies.js";
import { storable } from "../store/storable.js";

/** Sent rows through the gateway, and receives their results. Ignores rows of others. */
export interface RowOwner {
  /** Whether a row waits for its answer. */
  readonly expectsAnswers: boolean;
  /** Whether a row may still get a label. */
  readonly expectsLabels: boolean;
  /** Resolves when the results of its rows are durable. @param at - now, ms since 1970. */
  takePredictions(frame: PredictionFrame, at: number): Promise<void>;
  takeLabels(frame: LabelFrame): Promise<void>;
  /** Takes rows without a prediction, and the reasons. */
  takeRefused(rows: readonly RefusedRow[], at: number): Promise<void>;
}

/** A row without a prediction. */
export interface RefusedRow extends Refusal {
  readonly id: string;
}

/** Unacknowledged messages: results of the gateway's rows wait while the database is away, and other rows must still pass. */
const PREFETCH = 5_000;
/**
 * How long the refusal of a whole message of several rows waits: another process may have scored the message before it was
 * redelivered, and those predictions are in another queue.
 */
const OTHERS_FIRST_MS = 1_000;

/** Reads the pipeline's results, and acknowledges a message when its owners have stored what they need. */
export class Results implements Expected, Closable {
  readonly #bus: Bus;
  readonly #lane: string;
  readonly #owners: readonly RowOwner[];
  readonly #ready: Promise<void>;
  #isReady = false;
  #subscriptions: Subscription[] = [];
  /** Messages read since the start. */
  #messages = 0;
  /** The model that answered last, while answers are expected. */
  model = "";

  /** @param ready - resolves when the owners have loaded their rows. */
  constructor(bus: Bus, lane: string, owners: readonly RowOwner[], ready: Promise<void>) {
    this.#bus = bus;
    this.#lane = lane;
    this.#owners = owners;
    this.#ready = ready.then(() => {
      this.#isReady = true;
    });
  }

  get expectsAnswers(): boolean {
    return !this.#isReady || this.#owners.some(({ expectsAnswers }) => expectsAnswers);
  }

  get expectsLabels(): boolean {
    return !this.#isReady || this.#owners.some(({ expectsLabels }) => expectsLabels);
  }

  /** @throws QueueTakenError if another gateway reads the results. */
  async start(): Promise<void> {
    const queues = gatewayQueuesOf(this.#lane);
    const alone = { prefetch: PREFETCH, exclusive: true };
    const reader = (take: (delivery: Delivery) => Promise<void>): Handler => {
      const attempt = async (delivery: Delivery) => {
        try {
          await take(delivery);
        } catch (error) {
          // An unreadable message becomes a dead letter in metrics, or was one already.
          if (!(error instanceof FrameRefusedError)) throw error;
        }
      };
      return async (delivery) => {
        if (!this.#isReady) {
          // Answers new requests at once; rows from before the start are not loaded yet.
          const early = attempt(delivery);
          early.catch(() => undefined);
          await this.#ready;
          await early;
        }
        this.#messages += 1;
        await attempt(delivery);
        return DONE;
      };
    };
    this.#subscriptions = [
      await this.#bus.consume(
        queues.predictions,
        reader((delivery) => this.#predictions(delivery)),
        alone,
      ),
      await this.#bus.consume(
        queues.labels,
        reader((delivery) => this.#labels(delivery)),
        alone,
      ),
      await this.#bus.consume(
        queues.refused,
        reader((delivery) => this.#refused(delivery)),
        alone,
      ),
    ];
  }

  async #predictions(delivery: Delivery): Promise<void> {
    const owners = this.#owners.filter(({ expectsAnswers }) => expectsAnswers);
    if (owners.length === 0) return;
    const { frame: read } = predictionContract.read(delivery);
    const frame = { ...read, model: storable(read.model) };
    this.model = frame.model;
    const now = Date.now();
    await Promise.all(owners.map((owner) => owner.takePredictions(frame, now)));
  }

  async #labels(delivery: Delivery): Promise<void> {
    const owners = this.#owners.filter(({ expectsLabels }) => expectsLabels);
    if (owners.length === 0) return;
    const { frame } = labelContract.read(delivery);
    await Promise.all(owners.map((owner) => owner.takeLabels(frame)));
  }

  async #refused(delivery: Delivery): Promise<void> {
    const { headers } = delivery;
    if (headers[DEAD_HEADER.exchange] !== FEATURES.exchange || headers[DEAD_HEADER.routingKey] !== FEATURES.routingKey) return;
    const owners = this.#owners.filter(({ expectsAnswers }) => expectsAnswers);
    if (owners.length === 0) return;
    const { rows, wholeMessage } = refusedIn(delivery);
    if (wholeMessage && rows.length > 1) await delay(OTHERS_FIRST_MS, undefined, { ref: false });
    const now = Date.now();
    await Promise.all(owners.map((owner) => owner.takeRefused(rows, now)));
  }

  /** Resolves when all earlier results are read, as far as can be known, or the signal is aborted. */
  async drained(signal: AbortSignal): Promise<void> {
    const { predictions } = gatewayQueuesOf(this.#lane);
    const backOff = new BackOff(200, 2_000);
    for (let before = -1; !signal.aborted; before = this.#messages) {
      const depth = await this.#bus.depth(predictions).catch(() => Infinity);
      if (depth === 0 && before === this.#messages) return;
      await backOff.wait(signal);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
  }
}

/** The rows that a dead letter, or a message after one, refuses. If it refuses the whole message: all rows, own reasons first. */
function refusedIn(delivery: Delivery): { readonly rows: readonly RefusedRow[]; readonly wholeMessage: boolean } {
  const reasons = readReasons(delivery) ?? [textOf(delivery)];
  const named = reasons.filter((refusal): refusal is RefusedRow => refusal.row !== undefined && refusal.id !== undefined);
  const rows = named.map((refusal) => ({ ...refusal, ...storableText(refusal) }));
  const whole = reasons.find(({ row }) => row === undefined);
  if (whole === undefined) return { rows, wholeMessage: false };
  const reason = storable(describeRefusal(whole));
  const all = featuresContract.read(delivery).frame.ids.toArray();
  return { rows: [...rows, ...all.map((id) => ({ id, reason }))], wholeMessage: true };
}

function storableText({ field, reason }: Refusal): Pick<Refusal, "field" | "reason"> {
  return { ...(field === undefined ? {} : { field: storable(field) }), reason: storable(reason) };
}

/** The reason that an earlier version gave for all rows of a letter. */
function textOf({ headers }: Delivery): Refusal {
  const reason = headers[DEAD_HEADER.reason];
  return { reason: typeof reason === "string" ? reason : "refused" };
}
