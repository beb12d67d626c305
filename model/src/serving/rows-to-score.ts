import {
  FrameRefusedError,
  featuresContract,
  formatOf,
  Ids,
  originOf,
  refusedRows,
  takeEventTimes,
  type Delivery,
  type FeaturesFrame,
  type FrameFormat,
  type Refusal,
  type TraceSpan,
} from "@streamgauge/core";
import type { FeatureRules, FeatureValues } from "../session/index.js";
import { selectFeatures } from "../session/select-features.js";

/** A message as it came. */
export interface IncomingMessage {
  /** How it was written; its predictions are written alike. */
  readonly format: FrameFormat;
  /** When its oldest row left the source, ms since 1970. */
  readonly origin: number;
  /** How often it came back unanswered before. */
  readonly redeliveries: number;
  /** Rows of the message, refused ones included; 1 if nothing of it can be read. */
  readonly rows: number;
  /** The rows that can be read, with all columns that came; undefined if none can. */
  readonly frame: FeaturesFrame | undefined;
  /** Why others cannot be read. */
  readonly refusals: readonly Refusal[];
  /** Places of the frame's rows in the message, if some rows are not in the frame. */
  readonly positions?: readonly number[];
  /** Its handling, if the service is traced. */
  readonly span?: TraceSpan | undefined;
}

/** The rows of one message that a model can score. */
export interface RowsToScore {
  readonly message: IncomingMessage;
  /** What that model wants of rows. */
  readonly rules: FeatureRules;
  readonly ids: Ids;
  /** When each row happened, as its message says. Shape [rows], ms since 1970; NaN for a row without a time, undefined if no row has one. */
  readonly eventTimes?: Float64Array | undefined;
  readonly rows: number;
  /** Shape [rows] each, in the order of the model's features. */
  readonly columns: readonly FeatureValues[];
  /** Why the other rows of the message cannot be scored, by their places in it. */
  readonly refusals: readonly Refusal[];
  /** Places of the rows in the message's frame, if some rows of it are left out. */
  readonly positions?: readonly number[];
  /** Columns of the frame that the model does not take. */
  readonly passedOver: readonly string[];
}

/** Reads a message. One that cannot be read has no frame, and the reason among its refusals. */
export function readMessage(delivery: Delivery): IncomingMessage {
  const message = { format: formatOf(delivery), origin: originOf(delivery), redeliveries: delivery.redeliveries, span: delivery.span };
  try {
    const { frame, refusals, positions } = featuresContract.read(delivery);
    const rows = frame.ids.length + refusedRows(refusals, 0);
    return { ...message, rows, frame, refusals, ...(positions === undefined ? {} : { positions }) };
  } catch (error) {
    if (!(error instanceof FrameRefusedError)) throw error;
    return { ...message, rows: 1, frame: undefined, refusals: [error.refusal] };
  }
}

/**
 * Selects what a model can score.
 *
 * @param rules - what it wants of rows.
 */
export function selectRows(message: IncomingMessage, rules: FeatureRules): RowsToScore {
  const { frame, refusals: unread } = message;
  if (frame === undefined) return { message, rules, ids: Ids.of([]), rows: 0, columns: [], refusals: unread, passedOver: [] };
  const { ids, columns, refusals, positions, passedOver = [] } = selectFeatures(frame, rules);
  const inMessage = refusals.map((refusal) =>
    refusal.row === undefined ? refusal : { ...refusal, row: message.positions?.[refusal.row] ?? refusal.row },
  );
  const eventTimes = positions === undefined ? frame.eventTimes : takeEventTimes(frame.eventTimes, positions);
  const selected = { message, rules, ids, eventTimes, rows: ids.length, columns, refusals: [...unread, ...inMessage], passedOver };
  return positions === undefined ? selected : { ...selected, positions };
}

/** The same message for the model that is to score it, which may have been swapped since its rows were selected. */
export function selectAgain(selected: RowsToScore, rules: FeatureRules): RowsToScore {
  return areSame(selected.rules, rules) ? selected : selectRows(selected.message, rules);
}

/** @returns the place of a row in the message's frame. */
export function placeInFrame({ positions }: RowsToScore, row: number): number {
  return positions?.[row] ?? row;
}

/** @returns the place of a row in its message. */
export function placeInMessage(selected: RowsToScore, row: number): number {
  const place = placeInFrame(selected, row);
  return selected.message.positions?.[place] ?? place;
}

/** Whether two models want the same of rows. */
function areSame(one: FeatureRules, other: FeatureRules): boolean {
  if (one === other) return true;
  const alike = (left: readonly string[], right: readonly string[]) =>
    left.length === right.length && left.every((name, i) => name === right[i]);
  return (
    alike(one.features, other.features) &&
    alike(one.kinds, other.kinds) &&
    alike(one.precisions ?? [], other.precisions ?? []) &&
    one.allowsMissing === other.allowsMissing
  );
}
