import {
  FrameRefusedError,
  featuresContract,
  Ids,
  originOf,
  refusedRows,
  type Delivery,
  type FeaturesFrame,
  type FrameFormat,
  type Outcome,
  type Read,
  type Refusal,
} from "@streamgauge/core";
import type { Scorable } from "./batcher.js";
import type { FeatureRules } from "../session/index.js";
import { selectFeatures } from "../session/select-features.js";

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
  /** All columns that came, whatever the model takes of them, and where row i stands in them. */
  readonly sent: { readonly columns: FeaturesFrame["columns"]; readonly rowOf: (row: number) => number };
  /** The same message as a model with these features takes it, which came after it was read. */
  readonly fitTo: (rules: FeatureRules) => WaitingFrame;
}

/**
 * Reads a message.
 *
 * @param rules - what the model wants of rows. @param answer - called once, with what became of it.
 * @param ignoreOthers - whether columns that the model does not know are passed over; otherwise the message is refused.
 */
export function readFrame(delivery: Delivery, rules: FeatureRules, answer: (outcome: Outcome) => void, ignoreOthers = false): WaitingFrame {
  const format: FrameFormat = delivery.contentType?.includes("arrow") === true ? "arrow" : "json";
  const message = { format, origin: originOf(delivery), returns: delivery.returns, answer };
  try {
    return selected(message, featuresContract.read(delivery), rules, ignoreOthers);
  } catch (error) {
    if (!(error instanceof FrameRefusedError)) throw error;
    const nothing = { ids: Ids.of([]), rows: 0, columns: [], refusals: [error.refusal], messageRows: 1, position: (row: number) => row };
    const sent = { columns: new Map(), rowOf: (row: number) => row };
    const frame: WaitingFrame = { ...message, ...nothing, sent, fitTo: () => frame };
    return frame;
  }
}

type Envelope = Pick<WaitingFrame, "format" | "origin" | "returns" | "answer">;

function selected(message: Envelope, read: Read<FeaturesFrame>, rules: FeatureRules, ignoreOthers: boolean): WaitingFrame {
  const { frame: all, refusals, positions } = read;
  const chosen = selectFeatures(all, rules, ignoreOthers);
  const inMessage = (row: number) => positions?.[row] ?? row;
  const later = chosen.refusals.map((refusal) => (refusal.row === undefined ? refusal : { ...refusal, row: inMessage(refusal.row) }));
  const frame: WaitingFrame = {
    ...message,
    ids: chosen.ids,
    rows: chosen.ids.length,
    columns: chosen.columns,
    refusals: [...refusals, ...later],
    messageRows: all.ids.length + refusedRows(refusals, 0),
    position: (row) => inMessage(chosen.positions?.[row] ?? row),
    sent: { columns: all.columns, rowOf: (row) => chosen.positions?.[row] ?? row },
    fitTo: (others) => (areSame(rules, others) ? frame : selected(message, read, others, ignoreOthers)),
  };
  return frame;
}

/** Whether two models want the same of rows. */
function areSame(one: FeatureRules, other: FeatureRules): boolean {
  if (one === other) return true;
  const alike = (left: readonly string[], right: readonly string[]) =>
    left.length === right.length && left.every((name, i) => name === right[i]);
  return alike(one.features, other.features) && alike(one.kinds, other.kinds) && one.allowsMissing === other.allowsMissing;
}
