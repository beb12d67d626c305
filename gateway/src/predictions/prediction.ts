import { intervalOf, type Interval } from "./interval.js";

/** The result of a row. */
export interface Answer {
  readonly id: string;
  readonly answeredAt: number;
  readonly y_pred?: number;
  /** Half the width of the interval that was announced with it. */
  readonly half_width?: number;
  readonly model?: string;
  /** Why there is no prediction. */
  readonly reason?: string;
}

/** When a prediction was requested, and when it expires, in ms since 1970. */
export interface Times {
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** The state of a requested prediction. */
export interface Prediction extends Interval {
  readonly id: string;
  readonly status: "pending" | "succeeded" | "failed" | "expired";
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly features: Readonly<Record<string, number | string | null>>;
  /** When the row happened, in ms since 1970, if the request says. */
  readonly event_time?: number;
  readonly y_pred?: number;
  readonly model?: string;
  readonly answeredAt?: string;
  /** From request to answer. */
  readonly latencyMs?: number;
  /** The label in force. */
  readonly y_true?: number;
  /** The label before it was corrected, if it was. */
  readonly first_y_true?: number;
  readonly absolute_error?: number;
  /** Why it failed. */
  readonly reason?: string;
}

export type Features = Prediction["features"];

/** A row that was asked for. */
export interface AskedRow extends Times {
  readonly id: string;
  /** When it happened, in ms since 1970, if the request says. */
  readonly event_time?: number | undefined;
}

/** A prediction without an answer. @param now - ms since 1970. */
export function pendingPrediction({ id, createdAt, expiresAt, event_time: time }: AskedRow, features: Features, now: number): Prediction {
  return {
    id,
    status: expiresAt <= now ? "expired" : "pending",
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    features,
    ...(time === undefined ? {} : { event_time: time }),
  };
}

/** The same prediction with its answer; one that has an answer keeps it. */
export function withAnswer(prediction: Prediction, { answeredAt, y_pred: value, half_width: width, model, reason }: Answer): Prediction {
  if (prediction.answeredAt !== undefined) return prediction;
  const error = Math.abs((prediction.y_true ?? Number.NaN) - (value ?? Number.NaN));
  return {
    ...prediction,
    status: reason === undefined ? "succeeded" : "failed",
    ...(value === undefined ? {} : { y_pred: value }),
    ...intervalOf(value, width),
    ...(model === undefined ? {} : { model }),
    ...(Number.isFinite(error) ? { absolute_error: error } : {}),
    ...(reason === undefined ? {} : { reason }),
    answeredAt: new Date(answeredAt).toISOString(),
    latencyMs: answeredAt - Date.parse(prediction.createdAt),
  };
}
