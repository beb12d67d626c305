import type { Column } from "@streamgauge/core";
import { pendingPrediction, withAnswer, type Answer, type Prediction, type Times } from "../predictions/prediction.js";
import { featuresOf } from "../predictions/row-features.js";
import { madeId } from "../ingress/made-ids.js";
import { absoluteErrorOf, labelInForce, type InferenceLabels } from "./inference-labels.js";

/** An inference request of several rows, and what is known of them. Columns have the shape [rows], times are in ms since 1970. */
export interface InferenceRecord extends Times {
  /** The prefix of its rows' ids. */
  readonly id: string;
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
  /** When the rows happened; undefined if the request does not say. */
  readonly eventTimes: Float64Array | undefined;
  /** When the last answer came. */
  readonly answeredAt: number | undefined;
  /** NaN for a row without a prediction. */
  readonly y_pred: Float64Array;
  /** Half the widths of the intervals that were announced with them, NaN for a row without one; undefined if none has one. */
  readonly halfWidths: Float64Array | undefined;
  /** The model that answered; empty if none did. */
  readonly model: string;
  /** The models of the rows that another one answered, by row: it was replaced during the request. */
  readonly otherModels: ReadonlyMap<number, string>;
  /** Why rows get no prediction, by row. */
  readonly reasons: ReadonlyMap<number, string>;
  readonly labels: InferenceLabels | undefined;
}

/** The model that answered a row. */
export function modelOf({ model, otherModels }: Pick<InferenceRecord, "model" | "otherModels">, row: number): string {
  return otherModels.get(row) ?? model;
}

/** One row as a prediction. Its answer is as old as the last of the request. @param now - ms since 1970. */
export function predictionAt(record: InferenceRecord, row: number, now: number): Prediction {
  const { createdAt, expiresAt, eventTimes, labels, y_pred: predictions } = record;
  const [id, event_time] = [madeId(record.id, row), eventTimes?.[row]];
  const pending = pendingPrediction({ id, createdAt, expiresAt, event_time }, featuresOf(record.columns, row), now);
  const label = labels === undefined ? {} : shownLabel(labels, row);
  const answer = answerAt(record, id, row);
  if (answer === undefined) return { ...pending, ...label };
  const error = labels === undefined ? undefined : absoluteErrorOf(labelInForce(labels, row), predictions[row] ?? Number.NaN);
  return { ...withAnswer(pending, answer), ...label, ...(error === undefined ? {} : { absolute_error: error }) };
}

function answerAt(record: InferenceRecord, id: string, row: number): Answer | undefined {
  const [value = Number.NaN, reason, answeredAt = 0] = [record.y_pred[row], record.reasons.get(row), record.answeredAt];
  if (reason !== undefined) return { id, answeredAt, reason };
  const halfWidth = record.halfWidths?.[row] ?? Number.NaN;
  const interval = Number.isNaN(halfWidth) ? {} : { half_width: halfWidth };
  return Number.isNaN(value) ? undefined : { id, answeredAt, y_pred: value, ...interval, model: modelOf(record, row) };
}

/** A correction is no label while the row has none. */
function shownLabel({ y_true: labels, corrected }: InferenceLabels, row: number): Pick<Prediction, "y_true" | "first_y_true"> {
  const [first = Number.NaN, later = Number.NaN] = [labels[row], corrected[row]];
  if (Number.isNaN(first)) return {};
  return Number.isNaN(later) ? { y_true: first } : { y_true: later, first_y_true: first };
}
