import {
  BusClosedError,
  DONE,
  failpoint,
  featuresContract,
  FrameRefusedError,
  Ids,
  originOf,
  predictionContract,
  predictionsOf,
  queuesOf,
  refusedRows,
  type Bus,
  type Closable,
  type Delivery,
  type Logger,
  type Outcome,
} from "@streamgauge/core";
import { Counter, Histogram, type Registry } from "prom-client";
import { answersFor, withoutUnanswered, type AnswerMessage } from "./answers.js";
import { Batcher, type WaitingFrame } from "./batcher.js";
import { selectFeatures } from "./select-features.js";
import type { OnnxModel } from "./session/index.js";

export interface ScoringOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly model: OnnxModel;
  readonly lane: string;
  readonly batchRows: number;
  readonly batchDelayMs: number;
}

/** The running service. */
export interface Scoring extends Closable {
  /** Rows since the start. */
  readonly counts: { readonly scored: number; readonly refused: number };
}

/** Messages in hand: enough to fill a call with one-row messages while the answers to the last are on their way. */
const PREFETCH = 1_000;

/** Scores the rows of a lane until closed: a message is acknowledged when its predictions are confirmed. */
export async function startScoring({ bus, log, registry, model, lane, batchRows, batchDelayMs }: ScoringOptions): Promise<Scoring> {
  const telemetry = createTelemetry(registry);
  const counts = { scored: 0, refused: 0 };
  const name = `${model.name}@${model.version}`;

  const send = async ({ predictions, format, origin, frames }: AnswerMessage): Promise<void> => {
    try {
      await bus.publish(predictionsOf(lane), predictionContract.write(predictions, format, origin));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof BusClosedError)) log.error(error, "Predictions could not be sent.");
      for (const { answer } of frames) answer({ kind: "retry", reason });
      return;
    }
    failpoint("model-after-confirm");
    counts.scored += predictions.ids.length;
    telemetry.scored.inc(predictions.ids.length);
    for (const frame of frames) frame.answer(outcomeOf(frame));
  };

  const batcher = new Batcher({
    batchRows,
    batchDelayMs,
    predict: async (rows, columns) => {
      const began = performance.now();
      const yPred = await model.predict(rows, columns);
      telemetry.seconds.observe((performance.now() - began) / 1000);
      telemetry.rows.observe(rows);
      return yPred;
    },
    deliver: (scored) => {
      const answered = scored.map(withoutUnanswered);
      for (const { frame, yPred } of answered) {
        const refused = refusedRows(frame.refusals, 1);
        counts.refused += refused;
        telemetry.refused.inc(refused);
        if (yPred.length === 0) frame.answer(outcomeOf(frame));
      }
      for (const message of answersFor(answered, { model: name, unit: model.targetUnit ?? "" })) void send(message);
    },
  });

  const handle = (delivery: Delivery): Promise<Outcome> => {
    telemetry.frames.inc();
    return new Promise((answer) => {
      batcher.add(readRows(delivery, model.features, answer));
    });
  };
  const subscription = await bus.consume(queuesOf(lane).features, handle, { prefetch: PREFETCH });
  log.info(`Model ${name} scores lane ${lane}: ${model.features.length} features (${model.features.join(", ").slice(0, 300)}).`);
  return { counts, close: () => subscription.close() };
}

function outcomeOf({ refusals }: WaitingFrame): Outcome {
  return refusals.length === 0 ? DONE : { kind: "dead", refusals };
}

/** The rows of a message that can be scored, with the refusals of the others. */
function readRows(delivery: Delivery, features: readonly string[], answer: (outcome: Outcome) => void): WaitingFrame {
  const format = delivery.contentType?.includes("arrow") === true ? "arrow" : "json";
  const origin = originOf(delivery);
  try {
    const { frame, refusals, positions } = featuresContract.read(delivery);
    const selected = selectFeatures(frame, features);
    const inMessage = (row: number) => positions?.[row] ?? row;
    const position = (row: number) => inMessage(selected.positions?.[row] ?? row);
    const later = selected.refusals.map((refusal) => ({ ...refusal, row: inMessage(refusal.row) }));
    return { ids: selected.ids, columns: selected.columns, format, origin, refusals: [...refusals, ...later], position, answer };
  } catch (error) {
    if (!(error instanceof FrameRefusedError)) throw error;
    return { ids: Ids.of([]), columns: [], format, origin, refusals: [error.refusal], position: (row) => row, answer };
  }
}

function createTelemetry(registry: Registry) {
  const registers = [registry];
  return {
    frames: new Counter({ registers, name: "streamgauge_model_frames_total", help: "Messages with rows to score." }),
    scored: new Counter({ registers, name: "streamgauge_model_rows_total", help: "Rows whose predictions are confirmed." }),
    refused: new Counter({ registers, name: "streamgauge_model_refused_rows_total", help: "Rows that went to the dead letters." }),
    rows: new Histogram({ registers, name: "streamgauge_model_batch_rows", help: "Rows in one call of the model.", buckets: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536] }),
    seconds: new Histogram({
      registers,
      name: "streamgauge_model_inference_seconds",
      help: "Duration of one call of the model.",
      buckets: [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3],
    }),
  };
}
