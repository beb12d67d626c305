/** The interval that was announced with a prediction. */
export interface Interval {
  readonly half_width?: number;
  /** Left out if they are beyond the largest double. */
  readonly y_pred_low?: number;
  readonly y_pred_high?: number;
}

/** The interval of a prediction; empty if none was announced. */
export function intervalOf(yPred: number | undefined, halfWidth: number | undefined): Interval {
  if (yPred === undefined || halfWidth === undefined || !Number.isFinite(halfWidth)) return {};
  const [low, high] = [yPred - halfWidth, yPred + halfWidth];
  return {
    half_width: halfWidth,
    ...(Number.isFinite(low) ? { y_pred_low: low } : {}),
    ...(Number.isFinite(high) ? { y_pred_high: high } : {}),
  };
}
