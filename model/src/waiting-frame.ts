import {
  FrameRefusedError,
  featuresContract,
  Ids,
  originOf,
  refusedRows,
  type Delivery,
  type FrameFormat,
  type Outcome,
  type Refusal,
} from "@streamgauge/core";
import type { Scorable } from "./batcher.js";
import { selectFeatures } from "./select-features.js";

/** The rows of one message that can be scored, and why others cannot. */
export interface WaitingFrame extends Scorable {
  readonly ids: Ids;
  /** How the message was written; it is answered alike. */
  readonly format: FrameFormat;
  /** When its oldest row left the source, ms since 1970. */
  readonly origin: number;
  readonly refusals: readonly Refusal[];
  /** Rows of the message, refused ones included; 1 where nothing of it can be read. */
  readonly messageRows: number;
  /** Where row i stood in the message. */
  readonly position: (row: number) => number;
  /** How often the message came back unanswered before. */
  readonly returns: number;
  readonly answer: (outcome: Outcome) => void;
}

/** Reads a message. @param features - the model's, in its order. @param answer - called once, with what became of it. */
export function readFrame(delivery: Delivery, features: readonly string[], answer: (outcome: Outcome) => void): WaitingFrame {
  const format: FrameFormat = delivery.contentType?.includes("arrow") === true ? "arrow" : "json";
  const message = { format, origin: originOf(delivery), returns: delivery.returns, answer };
  try {
    const { frame, refusals, positions } = featuresContract.read(delivery);
    const selected = selectFeatures(frame, features);
    const inMessage = (row: number) => positions?.[row] ?? row;
    const later = selected.refusals.map((refusal) => (refusal.row === undefined ? refusal : { ...refusal, row: inMessage(refusal.row) }));
    return {
      ...message,
      ids: selected.ids,
      rows: selected.ids.length,
      columns: selected.columns,
      refusals: [...refusals, ...later],
      messageRows: frame.ids.length + refusedRows(refusals, 0),
      position: (row) => inMessage(selected.positions?.[row] ?? row),
    };
  } catch (error) {
    if (!(error instanceof FrameRefusedError)) throw error;
    return { ...message, ids: Ids.of([]), rows: 0, columns: [], refusals: [error.refusal], messageRows: 1, position: (row) => row };
  }
}
