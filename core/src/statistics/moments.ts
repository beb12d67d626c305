import Type from "typebox";
import { SavedDouble } from "../runtime/saved-value.js";

/** Sums over pairs, from which MAE, RMSE, R² and bias follow. Those of two sets of pairs merge into those of both. */
export interface Moments {
  /** Pairs. */
  readonly count: number;
  /** Σ |y_true − y_pred| */
  readonly absolute: number;
  /** Σ (y_true − y_pred)² */
  readonly squared: number;
  /** Σ (y_pred − y_true) */
  readonly signed: number;
  /** Mean of y_true. */
  readonly meanTrue: number;
  /** Σ (y_true − meanTrue)² */
  readonly spreadTrue: number;
}

/** What saved moments look like. */
export const MomentsSchema = Type.Object({
  count: Type.Integer({ minimum: 0 }),
  absolute: SavedDouble,
  squared: SavedDouble,
  signed: SavedDouble,
  meanTrue: SavedDouble,
  spreadTrue: SavedDouble,
} satisfies Record<keyof Moments, unknown>);

export const NO_MOMENTS: Moments = { count: 0, absolute: 0, squared: 0, signed: 0, meanTrue: 0, spreadTrue: 0 };

/**
 * The moments of pairs, shape [n] each. The spread is taken about the mean in a second pass, so that it loses no digits,
 * and the mean from the first value on, so that equal values have no spread at all.
 */
export function momentsOf(yTrue: Float64Array, yPred: Float64Array): Moments {
  const count = yTrue.length;
  if (count === 0) return NO_MOMENTS;
  const first = yTrue[0] ?? 0;
  let absolute = 0;
  let squared = 0;
  let signed = 0;
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const truth = yTrue[i] ?? 0;
    const error = (yPred[i] ?? 0) - truth;
    absolute += Math.abs(error);
    squared += error * error;
    signed += error;
    sum += truth - first;
  }
  const meanTrue = first + sum / count;
  let spreadTrue = 0;
  for (let i = 0; i < count; i += 1) spreadTrue += ((yTrue[i] ?? 0) - meanTrue) ** 2;
  return { count, absolute, squared, signed, meanTrue, spreadTrue };
}

/** The moments of both sets of pairs together (Chan, Golub, LeVeque 1983, for the spread). */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const apart = b.meanTrue - a.meanTrue;
  return {
    count,
    absolute: a.absolute + b.absolute,
    squared: a.squared + b.squared,
    signed: a.signed + b.signed,
    meanTrue: a.meanTrue + (apart * b.count) / count,
    spreadTrue: a.spreadTrue + b.spreadTrue + (apart * apart * a.count * b.count) / count,
  };
}
