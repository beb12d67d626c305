import { Ids, type FrameFormat, type PredictionFrame, type Refusal } from "@streamgauge/core";
import type { Scored } from "./batcher.js";
import type { ModelLabel } from "../session/scorer.js";
import type { WaitingFrame } from "./waiting-frame.js";

type ScoredFrame = Scored<WaitingFrame>;

/** Frames of at least so many rows are answered in a message of their own, which metrics joins without a look at its rows. */
const OWN_MESSAGE_ROWS = 64;

/** One message of predictions, and the frames that it answers. */
export interface AnswerMessage {
  readonly predictions: PredictionFrame;
  readonly format: FrameFormat;
  readonly origin: number;
  readonly frames: readonly WaitingFrame[];
  /** The same answers, in a message for each frame. */
  readonly apart: () => readonly AnswerMessage[];
}

/** The messages that answer scored frames: one for each large frame, and small frames of one format together. Frames without rows need none. */
export function answersFor(scored: readonly ScoredFrame[], model: ModelLabel): AnswerMessage[] {
  const large = scored.filter(({ yPred }) => yPred.length >= OWN_MESSAGE_ROWS).map((one) => [one]);
  const small = scored.filter(({ yPred }) => yPred.length > 0 && yPred.length < OWN_MESSAGE_ROWS);
  const groups = [...large, small.filter(({ frame }) => frame.format === "json"), small.filter(({ frame }) => frame.format === "arrow")];
  return groups.filter((group) => group.length > 0).map((group) => messageOf(group, model));
}

function messageOf(group: readonly ScoredFrame[], model: ModelLabel): AnswerMessage {
  const frames = group.map(({ frame }) => frame);
  const [only] = group;
  const alone = group.length === 1 && only !== undefined;
  return {
    predictions: {
      ids: alone ? only.frame.ids : Ids.joined(frames.map(({ ids }) => ids)),
      y_pred: alone ? only.yPred : joined(group.map(({ yPred }) => yPred)),
      ...model,
    },
    format: only?.frame.format ?? "json",
    origin: Math.min(...frames.map(({ origin }) => origin)),
    frames,
    apart: () => group.map((one) => messageOf([one], model)),
  };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A scored frame without the rows for which the model had no number, and why these are refused. */
export function withoutUnanswered({ frame, yPred }: ScoredFrame): ScoredFrame {
  if (yPred.every(Number.isFinite)) return { frame, yPred };
  const refusals: Refusal[] = [...frame.refusals];
  const rows: number[] = [];
  for (const [row, value] of yPred.entries()) {
    if (Number.isFinite(value)) rows.push(row);
    else
      refusals.push({
        row: frame.position(row),
        id: frame.ids.at(row),
        field: "y_pred",
        reason: `the model answers ${value} for this row`,
      });
  }
  return { frame: { ...frame, ids: frame.ids.take(rows), refusals }, yPred: Float64Array.from(rows, (row) => yPred[row] ?? 0) };
}
