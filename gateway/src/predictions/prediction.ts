/** What is known of a prediction that was asked for. */
export interface Prediction {
  readonly id: string;
  readonly status: "pending" | "succeeded" | "failed" | "expired";
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly features: Readonly<Record<string, number | string | null>>;
  readonly y_pred?: number;
  readonly model?: string;
  readonly answeredAt?: string;
  /** From the request to the answer. */
  readonly latencyMs?: number;
  readonly y_true?: number;
  readonly absolute_error?: number;
  /** Why it failed. */
  readonly reason?: string;
}

export type Features = Prediction["features"];
