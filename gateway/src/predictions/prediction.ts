/** The result of a row. */
export interface Answer {
  readonly id: string;
  readonly answeredAt: number;
  readonly y_pred?: number;
  readonly model?: string;
  /** Why there is no prediction. */
  readonly reason?: string;
}

/** The state of a requested prediction. */
export interface Prediction {
  readonly id: string;
  readonly status: "pending" | "succeeded" | "failed" | "expired";
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly features: Readonly<Record<string, number | string | null>>;
  readonly y_pred?: number;
  readonly model?: string;
  readonly answeredAt?: string;
  /** From request to answer. */
  readonly latencyMs?: number;
  readonly y_true?: number;
  readonly absolute_error?: number;
  /** Why it failed. */
  readonly reason?: string;
}

export type Features = Prediction["features"];

/** A prediction without an answer. Times in ms since 1970. */
export function pendingPrediction(
  { id, createdAt, expiresAt }: { readonly id: string; readonly createdAt: number; readonly expiresAt: number },
  features: Features,
): Prediction {
  return { id, status: "pending", createdAt: new Date(createdAt).toISOString(), expiresAt: new Date(expiresAt).toISOString(), features };
}

/** The same prediction with its answer. */
export function answeredPrediction(
  asked: Parameters<typeof pendingPrediction>[0],
  features: Features,
  { answeredAt, y_pred: value, model, reason }: Answer,
): Prediction {
  return {
    ...pendingPrediction(asked, features),
    status: reason === undefined ? "succeeded" : "failed",
    ...(value === undefined ? {} : { y_pred: value }),
    ...(model === undefined ? {} : { model }),
    ...(reason === undefined ? {} : { reason }),
    answeredAt: new Date(answeredAt).toISOString(),
    latencyMs: answeredAt - asked.createdAt,
  };
}
