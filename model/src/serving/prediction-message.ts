import { Ids, joinedCodes, type FrameFormat, type PredictionFrame, type TraceSpan } from "@streamgauge/core";
import type { PredictedRows } from "./predict-rows.js";

/** Predictions for at least so many rows go in a message of their own, which metrics joins without a look at its rows. */
const OWN_MESSAGE_ROWS = 64;

/** One message of predictions. */
export interface PredictionMessage {
  readonly predictions: PredictionFrame;
  readonly format: FrameFormat;
  /** The oldest of what it answers, ms since 1970. */
  readonly origin: number;
  /** The handling of what it answers, if the service is traced. */
  readonly spans?: readonly TraceSpan[];
}

/**
 * Groups predictions by the message in which they go: many rows alone, few rows of one format and one model together.
 *
 * @param predictedIn - the predictions of an item.
 */
export function groupedByMessage<T>(items: readonly T[], predictedIn: (item: T) => PredictedRows): readonly (readonly T[])[] {
  const large: T[][] = [];
  const small: T[][] = [];
  for (const item of items) {
    const one = predictedIn(item);
    if (one.yPred.length >= OWN_MESSAGE_ROWS) {
      large.push([item]);
      continue;
    }
    // There are as many groups as formats and models: nearly always one.
    const group = small.find(([other]) => other !== undefined && areAlike(predictedIn(other), one));
    if (group === undefined) small.push([item]);
    else group.push(item);
  }
  return [...large, ...small];
}

function areAlike(one: PredictedRows, other: PredictedRows): boolean {
  const isOneModel = one.label === other.label || (one.label.model === other.label.model && one.label.unit === other.label.unit);
  return isOneModel && one.codes?.layout.text === other.codes?.layout.text && one.of.message.format === other.of.message.format;
}

/** @param group - one of those that `groupedByMessage` makes. */
export function predictionMessage(group: readonly PredictedRows[]): PredictionMessage {
  const [first] = group;
  const alone = group.length === 1 && first !== undefined;
  const codes = joinedCodes(
    group.flatMap((one) => one.codes ?? []),
    group.map(({ yPred }) => yPred.length),
  );
  const eventTimes = alone ? first.eventTimes : joinedTimes(group);
  return {
    predictions: {
      ids: alone ? first.ids : Ids.joined(group.map(({ ids }) => ids)),
      y_pred: alone ? first.yPred : joined(group.map(({ yPred }) => yPred)),
      ...(first?.label ?? { model: "", unit: "" }),
      ...(eventTimes === undefined ? {} : { eventTimes }),
      ...(codes === undefined ? {} : { codes }),
    },
    format: first?.of.message.format ?? "json",
    origin: Math.min(...group.map(({ of }) => of.message.origin)),
    ...(first?.of.message.span === undefined ? {} : { spans: group.flatMap(({ of }) => of.message.span ?? []) }),
  };
}

/** The event times of all rows, in order; NaN for those without. Undefined if no row has one. */
function joinedTimes(group: readonly PredictedRows[]): Float64Array | undefined {
  if (group.every(({ eventTimes }) => eventTimes === undefined)) return undefined;
  return joined(group.map(({ eventTimes, yPred }) => eventTimes ?? new Float64Array(yPred.length).fill(Number.NaN)));
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
