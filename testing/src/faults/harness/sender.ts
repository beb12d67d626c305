import {
  CHAMPION,
  connectBus,
  featuresContract,
  FEATURES,
  Ids,
  labelContract,
  LABELS,
  predictionContract,
  predictionsOf,
  topologyOf,
  type Bus,
  type FrameFormat,
} from "@streamgauge/core";
import { captureLog } from "../../index.js";
import type { TestContext } from "vitest";
import type { Pipeline } from "./pipeline.js";
import { knownTruth, type Truth } from "./truth.js";

/** A row of the study under an id. */
export interface SentRow {
  readonly id: string;
  /** From 0. */
  readonly row: number;
}

/** Sends frames straight into the exchanges, past the source and the model. */
export class Sender {
  readonly #bus: Bus;
  readonly #truth: Truth;

  private constructor(bus: Bus, truth: Truth) {
    this.#bus = bus;
    this.#truth = truth;
  }

  static async open(context: TestContext, pipeline: Pipeline): Promise<Sender> {
    // As other programs do, it looks for no partitions.
    const { exchanges, queues } = topologyOf([CHAMPION]);
    const options = { url: pipeline.url, topology: { exchanges, queues }, name: "sender", log: captureLog().log };
    const bus = await connectBus(options);
    context.onTestFinished(() => bus.close());
    return new Sender(bus, await knownTruth());
  }

  /** @param eventTimes - when each row happened, ms since 1970. Default: when it is sent. */
  features(rows: readonly SentRow[], format: FrameFormat = "json", eventTimes?: readonly number[]): Promise<void> {
    const { names, features } = this.#truth;
    const columns = new Map(names.map((name, i) => [name, Float64Array.from(rows, ({ row }) => features[row]?.[i] ?? Number.NaN)]));
    const frame = { ids: idsOf(rows), columns, eventTimes: eventTimes === undefined ? undefined : Float64Array.from(eventTimes) };
    return this.#bus.publish(FEATURES, featuresContract.write(frame, format, Date.now()));
  }

  /** Rows as text, which nobody has checked. Default: a message of which nothing can be read. */
  garbage(text = "no frame"): Promise<void> {
    return this.#bus.publish(FEATURES, { body: Buffer.from(text), contentType: "application/json", type: "features", headers: {} });
  }

  /** @param more - is added to each value. */
  labels(rows: readonly SentRow[], format: FrameFormat = "json", more = 0): Promise<void> {
    const y_true = Float64Array.from(rows, ({ row }) => (this.#truth.yTrue[row] ?? Number.NaN) + more);
    return this.#bus.publish(LABELS, labelContract.write({ ids: idsOf(rows), y_true }, format, Date.now()));
  }

  /** Corrects labels. @param at - when that was decided, ms since 1970. @param more - is added to each value. */
  corrections(rows: readonly SentRow[], at: number, more: number, format: FrameFormat = "json"): Promise<void> {
    const y_true = Float64Array.from(rows, ({ row }) => (this.#truth.yTrue[row] ?? Number.NaN) + more);
    return this.#bus.publish(LABELS, labelContract.write({ ids: idsOf(rows), y_true, correction: { who: "ann" } }, format, at));
  }

  /** What the model says, as if another one had answered too. @param more - is added to each value. */
  predictions(rows: readonly SentRow[], format: FrameFormat = "json", more = 0): Promise<void> {
    const y_pred = Float64Array.from(rows, ({ row }) => (this.#truth.yPred[row] ?? Number.NaN) + more);
    const frame = { ids: idsOf(rows), y_pred, model: "another@1", unit: "" };
    return this.#bus.publish(predictionsOf(CHAMPION), predictionContract.write(frame, format, Date.now()));
  }
}

function idsOf(rows: readonly SentRow[]): Ids {
  return Ids.of(rows.map(({ id }) => id));
}

/** Rows `<name>-0000000001` and so on, over the study in its order. */
export function someRows(name: string, count: number, from = 0): SentRow[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `${name}-${String(from + i + 1).padStart(10, "0")}`,
    row: (from + i) % STUDY_ROWS,
  }));
}

const STUDY_ROWS = 442;

/** The same rows in frames of this size; the last may have fewer. */
export function framesOf(rows: readonly SentRow[], size: number): SentRow[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size));
}
