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
import { storable } from "../store/storable.js";

/** Who sent rows through the gateway and wants to know what became of them. Rows of others are passed over. */
export interface RowOwner {
  /** Whether there is a row that waits for its answer. */
  readonly expectsAnswers: boolean;
  /** Whether there is a row that a label may come for. */
  readonly expectsLabels: boolean;
  /** Resolves when what concerns its rows is durable. @param at - now, ms since 1970. */
  takePredictions(frame: PredictionFrame, at: number): Promise<void>;
  takeLabels(frame: LabelFrame): Promise<void>;
  /** Rows that get no prediction, and why. */
  takeRefused(rows: readonly RefusedRow[], at: number): Promise<void>;
}

/** A row that gets no prediction. */
export interface RefusedRow extends Refusal {
  readonly id: string;
}

/** Messages in hand: results of rows of the gateway wait in them while the database is away, and others must pass by. */
const PREFETCH = 5_000;
/**
 * How long the refusal of a whole message of several rows waits for predictions that were sent before it, in another queue: another
 * process may have scored the message before it came back.
 */
const OTHERS_FIRST_MS = 1_000;

/** Reads what comes back from the pipeline: a message is acknowledged when its owners have stored what they want of it. */
export class Results implements Closable {
  readonly #bus: Bus;
  readonly #lane: string;
  readonly #owners: readonly RowOwner[];
  readonly #ready: Promise<void>;
  #isReady = false;
  #subscriptions: Subscription[] = [];
  /** Messages that were read since the start. */
  #messages = 0;

  /** @param ready - resolves when the owners know their rows. */
  constructor(bus: Bus, lane: string, owners: readonly RowOwner[], ready: Promise<void>) {
    this.#bus = bus;
    this.#lane = lane;
    this.#owners = owners;
    this.#ready = ready.then(() => {
      this.#isReady = true;
    });
  }

  /** @throws QueueTakenError where another gateway reads the results. */
  async start(): Promise<void> {
    const queues = gatewayQueuesOf(this.#lane);
    const alone = { prefetch: PREFETCH, exclusive: true };
    const reader = (take: (delivery: Delivery) => Promise<void>): Handler => {
      const attempt = async (delivery: Delivery) => {
        try {
          await take(delivery);
        } catch (error) {
          // What nobody can read is a dead letter of metrics, or was one before.
          if (!(error instanceof FrameRefusedError)) throw error;
        }
      };
      return async (delivery) => {
        if (!this.#isReady) {
          // Rows that are asked for meanwhile are answered at once; those of before the start are not known yet.
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

  /** Resolves when nothing that came before is unread any more, as far as can be known, or the signal is aborted. */
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

/** The rows that a dead letter, or a message that follows one, refuses. Where it is the whole message: those that no reason of their own has. */
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

/** What a letter of an earlier version says of all its rows. */
function textOf({ headers }: Delivery): Refusal {
  const reason = headers[DEAD_HEADER.reason];
  return { reason: typeof reason === "string" ? reason : "refused" };
}
