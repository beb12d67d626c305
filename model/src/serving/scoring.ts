import {
  BusClosedError,
  CHAMPION,
  DONE,
  failpoint,
  MessageTooLargeError,
  predictionContract,
  predictionsOf,
  queuesOf,
  RefusalReport,
  refusedRows,
  sparing,
  type Bus,
  type Closable,
  type Logger,
  type Outcome,
  type Refusal,
} from "@streamgauge/core";
import { Counter, Histogram, type Registry } from "prom-client";
import { answersFor, withoutUnanswered, type AnswerMessage } from "./answers.js";
import { Batcher } from "./batcher.js";
import type { ScorerHolder } from "../swap/active-scorer.js";
import { ScoringError } from "../session/scorer.js";
import type { RowSample } from "../swap/row-sample.js";
import { readFrame, type WaitingFrame } from "./waiting-frame.js";

export interface ScoringOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  /** What scores, which may change meanwhile; closed by whoever opened it. */
  readonly holder: ScorerHolder;
  /** Keeps a few rows that were answered, to try another model on. */
  readonly sample?: RowSample;
  readonly lane: string;
  /** Whether columns that the model does not know are passed over: another lane may need them. Default: their messages are refused. */
  readonly ignoreOthers?: boolean;
  readonly batchRows: number;
  readonly batchDelayMs: number;
}

/** The running service. */
export interface Scoring extends Closable {
  /** Rows since the start: those whose predictions are confirmed, and those that were refused. */
  readonly counts: { readonly scored: number; readonly refused: number };
  /** Messages that are not answered yet. */
  readonly inHand: number;
}

/** Messages in hand: enough to fill a call with one-row messages while the answers to the last are on their way. */
const PREFETCH = 1_000;
/** How often a message is tried on which the model fails; then it is a dead letter. */
const MAX_TRIES = 10;

/** Scores the rows of a lane until closed: a message is acknowledged when its predictions are confirmed. */
export async function startScoring({
  bus,
  log,
  registry,
  holder,
  sample,
  lane,
  ignoreOthers,
  batchRows,
  batchDelayMs,
}: ScoringOptions): Promise<Scoring> {
  const telemetry = createTelemetry(registry);
  const counts = { scored: 0, refused: 0 };
  const report = new RefusalReport(log, lane === CHAMPION ? undefined : `missed by lane ${lane}`);
  let inHand = 0;

  const answer = (frame: WaitingFrame, refusals: readonly Refusal[] = frame.refusals): void => {
    const refused = refusedRows(refusals, frame.messageRows);
    counts.refused += refused;
    telemetry.refused.inc(refused);
    if (refused > 0) report.add(refused, refusals, performance.now());
    frame.answer(refusals.length === 0 ? DONE : { kind: "dead", refusals });
  };

  const tryAgain = (frame: WaitingFrame, reason: string): void => {
    if (frame.returns + 1 < MAX_TRIES) frame.answer({ kind: "retry", reason });
    else answer(frame, [...frame.refusals, { reason: `${reason}; tried ${frame.returns + 1} times` }]);
  };

  const send = async ({ predictions, format, origin, frames, apart }: AnswerMessage): Promise<void> => {
    failpoint("model-before-publish");
    try {
      await bus.publish(predictionsOf(lane), predictionContract.write(predictions, format, origin));
    } catch (error) {
      // Frames that went together need not share the fate of the largest.
      if (error instanceof MessageTooLargeError && frames.length > 1) return void (await Promise.all(apart().map(send)));
      if (!(error instanceof BusClosedError)) log.error(error, "Predictions could not be sent.");
      const reason = `its predictions could not be sent: ${messageOf(error)}`;
      for (const frame of frames) {
        if (error instanceof MessageTooLargeError) answer(frame, [...frame.refusals, { reason }]);
        else tryAgain(frame, reason);
      }
      return;
    }
    failpoint("model-after-confirm");
    counts.scored += predictions.ids.length;
    telemetry.scored.inc(predictions.ids.length);
    for (const frame of frames) answer(frame);
  };

  const batcher = new Batcher<WaitingFrame>({
    batchRows,
    batchDelayMs,
    concurrency: () => holder.concurrency,
    using: (work) => holder.using(work),
    onCall: (rows, seconds) => {
      telemetry.seconds.observe(seconds);
      telemetry.rows.observe(rows);
    },
    fit: (frame, scorer) => frame.fitTo(scorer),
    deliver: (scored, label) => {
      if (sample?.isDue(performance.now()) === true)
        for (const { frame, yPred } of scored.slice(0, 1)) sample.note(frame.sent, yPred, performance.now());
      const answered = scored.map(withoutUnanswered);
      for (const { frame, yPred } of answered) if (yPred.length === 0) answer(frame);
      for (const message of answersFor(answered, label)) void send(message);
    },
    fail: (frame, error) => {
      const reason = `the model failed on it: ${messageOf(error)}`;
      if (error instanceof ScoringError && error.forGood) answer(frame, [...frame.refusals, { reason }]);
      else tryAgain(frame, reason);
    },
  });

  holder.onChange = () => batcher.wake();
  const subscription = await bus.consume(
    queuesOf(lane).features,
    sparing(lane, (delivery) => {
      telemetry.frames.inc();
      inHand += 1;
      return new Promise((settle) => {
        const settled = (outcome: Outcome) => {
          inHand -= 1;
          settle(outcome);
        };
        const frame = readFrame(delivery, holder.current, settled, ignoreOthers);
        if (frame.rows === 0) answer(frame);
        else batcher.add(frame);
      });
    }),
    { prefetch: PREFETCH },
  );
  const { label, features } = holder.current;
  log.info(`Model ${label} scores lane ${lane}: ${features.length} features (${features.join(", ").slice(0, 300)}).`);
  return {
    counts,
    get inHand() {
      return inHand;
    },
    close: async () => {
      await subscription.close();
      report.close();
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function createTelemetry(registry: Registry) {
  const registers = [registry];
  return {
    frames: new Counter({ registers, name: "streamgauge_model_frames_total", help: "Messages with rows to score." }),
    scored: new Counter({ registers, name: "streamgauge_model_rows_total", help: "Rows whose predictions are confirmed." }),
    refused: new Counter({ registers, name: "streamgauge_model_refused_rows_total", help: "Rows that went to the dead letters." }),
    rows: new Histogram({
      registers,
      name: "streamgauge_model_batch_rows",
      help: "Rows in one call of the model.",
      buckets: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536],
    }),
    seconds: new Histogram({
      registers,
      name: "streamgauge_model_inference_seconds",
      help: "Duration of one call of the model.",
      buckets: [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3],
    }),
  };
}
