import {
  beginOver,
  BusClosedError,
  CHAMPION,
  dividePredictions,
  DONE,
  failpoint,
  MessageTooLargeError,
  predictionContract,
  predictionsOf,
  publishEach,
  queuesOf,
  dropRefusals,
  type Bus,
  type Closable,
  type Delivery,
  type Logger,
  type Outcome,
  type Refusal,
  type Tracing,
  errorText,
} from "@streamgauge/core";
import type { Registry } from "prom-client";
import { ScoringError } from "../session/scorer.js";
import type { ActiveScorer } from "../swap/active-scorer.js";
import type { RowSample } from "../swap/row-sample.js";
import { AnnouncedWidths } from "./announced-widths.js";
import { Batcher } from "./batcher.js";
import { finitePredictions } from "./finite-predictions.js";
import { PassedOver } from "./passed-over.js";
import { predictRows, type CoderOf, type PredictedRows } from "./predict-rows.js";
import type { PredictionMessage } from "./prediction-message.js";
import { PredictionOutbox } from "./prediction-outbox.js";
import { placeInFrame, readMessage, selectAgain, selectRows, type IncomingMessage, type RowsToScore } from "./rows-to-score.js";
import { FirstReferences } from "./first-references.js";
import { announceReference } from "./reference-notices.js";
import { ScoringTelemetry } from "./scoring-telemetry.js";

export interface ScoringOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  /** What scores, which may change meanwhile; its owner closes it. */
  readonly active: ActiveScorer;
  /** Keeps a few rows that have predictions, to try another model on. */
  readonly sample?: RowSample;
  readonly lane: string;
  /** Of the lane. Default: 1. */
  readonly partitions?: number;
  /** Whether other lanes score the same rows, and may need columns that this model does not take. Default: such columns are said. */
  readonly sharesRows?: boolean;
  readonly batchRows: number;
  /** Rows of the reference of a model version that has none of its own. Default: that of the settings. */
  readonly referenceRows?: number;
  /** The features to monitor; none: all. */
  readonly monitored?: readonly string[];
  readonly batchDelayMs: number;
  /** Records calls of the model. Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** The running service. */
export interface Scoring extends Closable {
  /** Rows since the start: those whose predictions are confirmed, and those that were refused. */
  readonly counts: { readonly predicted: number; readonly refused: number };
  /** Messages that are not settled yet. */
  readonly inFlight: number;
}

/** Messages in flight: enough to fill a call with one-row messages while the predictions of the last are on their way. */
const PREFETCH = 1_000;
/** How often a message is tried on which the model fails; then it is a dead letter. */
const MAX_TRIES = 10;
/** As the settings have it. */
const REFERENCE_ROWS = 1_000;

/** Scores the rows of a lane until closed: a message is acknowledged when its predictions are confirmed. */
export async function startScoring(options: ScoringOptions): Promise<Scoring> {
  const { bus, log, active, lane } = options;
  const telemetry = new ScoringTelemetry(options.registry, log, lane === CHAMPION ? undefined : `missed by lane ${lane}`);
  const widths = new AnnouncedWidths(lane, options.partitions);
  const { referenceRows: rows = REFERENCE_ROWS, monitored = [] } = options;
  const first = new FirstReferences({ bus, lane, rows, monitored });
  const pipeline = new ScoringPipeline(options, telemetry, widths, first);
  const following = await widths.follow(bus);
  const accepting = await first.follow();
  const announcing = await announceReference(bus, lane, active, first);
  const handler = dropRefusals(lane, (delivery) => pipeline.handle(delivery));
  const subscription = await bus.consume(queuesOf(lane).features, handler, { prefetch: PREFETCH });
  const { label, features } = active.current;
  log.info(`Model ${label} scores lane ${lane}: ${features.length} features (${features.join(", ").slice(0, 300)}).`);
  return {
    counts: telemetry.counts,
    get inFlight() {
      return pipeline.inFlight;
    },
    close: async () => {
      await subscription.close();
      await announcing.close();
      await accepting.close();
      await following.close();
      telemetry.close();
    },
  };
}

/** The way of a message: read, select its rows, score them in a batch, send their predictions. */
class ScoringPipeline {
  readonly #options: ScoringOptions;
  readonly #telemetry: ScoringTelemetry;
  readonly #batcher: Batcher<RowsToScore, PredictedRows>;
  readonly #outbox = new PredictionOutbox((message) => this.#publish(message));
  readonly #passedOver: PassedOver;
  readonly #widths: AnnouncedWidths;
  readonly #first: FirstReferences;
  inFlight = 0;

  constructor(options: ScoringOptions, telemetry: ScoringTelemetry, widths: AnnouncedWidths, first: FirstReferences) {
    const { active, batchRows, batchDelayMs, log } = options;
    this.#options = options;
    this.#telemetry = telemetry;
    this.#widths = widths;
    this.#first = first;
    this.#passedOver = new PassedOver(log);
    this.#batcher = new Batcher({
      batchRows,
      batchDelayMs,
      concurrency: () => active.concurrency,
      score: (batch) => this.#score(batch),
    });
    active.onChange = () => this.#batcher.wake();
  }

  async handle(delivery: Delivery): Promise<Outcome> {
    this.#telemetry.received();
    this.inFlight += 1;
    try {
      return await this.#settle(readMessage(delivery));
    } finally {
      this.inFlight -= 1;
    }
  }

  async #settle(message: IncomingMessage): Promise<Outcome> {
    const { active, sharesRows = false } = this.#options;
    const selected = selectRows(message, active.current);
    if (!sharesRows) this.#passedOver.note(selected.passedOver, active.current);
    if (selected.rows === 0) return this.#outcomeOf(message, selected.refusals);
    let predicted: PredictedRows;
    try {
      predicted = await this.#batcher.add(selected);
    } catch (error) {
      const reason = `the model failed on it: ${errorText(error)}`;
      // However often that was: the message waits for a model that is away.
      if (isAway(error)) return { kind: "retry", reason };
      return this.#failed(selected, reason, error instanceof ScoringError && error.forGood);
    }
    this.#keepSample(predicted);
    const finite = finitePredictions(predicted);
    if (finite.yPred.length === 0) return this.#outcomeOf(message, finite.refusals);
    try {
      await this.#outbox.send(finite);
    } catch (error) {
      const reason = `its predictions could not be sent: ${errorText(error)}`;
      return this.#failed({ message, refusals: finite.refusals }, reason, error instanceof MessageTooLargeError);
    }
    this.#first.note(predicted);
    return this.#outcomeOf(message, finite.refusals);
  }

  /** All messages of a batch are scored by the same model, which stays open until that is done. */
  #score(batch: readonly RowsToScore[]): Promise<readonly PredictedRows[]> {
    const { active, batchRows } = this.#options;
    const onCall = (count: number, seconds: number) => this.#telemetry.called(count, seconds);
    const coderOf: CoderOf = ({ coder, features }, model) => coder ?? this.#first.coderOf(model, features);
    return this.#traced(batch, () =>
      active.using((scorer) => {
        const rows = batch.map((selected) => selectAgain(selected, scorer));
        return predictRows(rows, scorer, batchRows, onCall, coderOf);
      }),
    );
  }

  async #traced<T>(batch: readonly RowsToScore[], score: () => Promise<T>): Promise<T> {
    const { tracing, lane } = this.#options;
    if (tracing === undefined) return score();
    const rows = batch.reduce((sum, each) => sum + each.rows, 0);
    const attributes = { "messaging.batch.message_count": batch.length, "streamgauge.rows": rows, "streamgauge.lane": lane };
    const span = beginOver(
      tracing,
      "score",
      batch.map(({ message }) => message.span),
      attributes,
    );
    try {
      const scored = await score();
      span?.end();
      return scored;
    } catch (error) {
      span?.end(error);
      throw error;
    }
  }

  async #publish({ predictions, format, origin, spans }: PredictionMessage): Promise<void> {
    const { bus, lane, partitions = 1, log } = this.#options;
    failpoint("model-before-publish");
    try {
      const parts = dividePredictions(predictions, partitions);
      const messages = parts.map(({ partition, frame }) => {
        const message = predictionContract.write(this.#widths.attachedTo(frame, partition), format, origin);
        return { to: predictionsOf(lane, partition, partitions), message: spans === undefined ? message : { ...message, spans } };
      });
      await publishEach(bus, messages);
    } catch (error) {
      // Its rows are refused, and the log says so.
      const isSaid = error instanceof BusClosedError || error instanceof MessageTooLargeError;
      if (!isSaid) log.error(error, "Predictions could not be sent.");
      throw error;
    }
    failpoint("model-after-confirm");
    this.#telemetry.confirmed(predictions.ids.length);
  }

  #keepSample({ of, yPred }: PredictedRows): void {
    const { sample } = this.#options;
    const { frame } = of.message;
    const now = performance.now();
    if (sample === undefined || frame === undefined || !sample.isDue(now)) return;
    sample.note({ frame, rowOf: (row) => placeInFrame(of, row) }, yPred, now);
  }

  #outcomeOf({ rows }: IncomingMessage, refusals: readonly Refusal[]): Outcome {
    this.#telemetry.refused(refusals, rows);
    return refusals.length === 0 ? DONE : { kind: "dead", refusals };
  }

  /** The message comes again, unless it would fail again or came too often. */
  #failed({ message, refusals }: Pick<RowsToScore, "message" | "refusals">, reason: string, isForGood: boolean): Outcome {
    const tries = message.redeliveries + 1;
    if (isForGood) return this.#outcomeOf(message, [...refusals, { reason }]);
    if (tries < MAX_TRIES) return { kind: "retry", reason };
    return this.#outcomeOf(message, [...refusals, { reason: `${reason}; tried ${tries} times` }]);
  }
}

/** Whether an error says that the model cannot be asked now. */
function isAway(error: unknown): boolean {
  return error instanceof ScoringError && error.blame === "model" && !error.forGood;
}
