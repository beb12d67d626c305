import type { Tensor } from "onnxruntime-node";
import type { FeatureValues } from "./feature-kind.js";

/** One input of one call. */
export interface Fed {
  readonly tensor: Tensor;
  /** To be called when the model has read the tensor: its memory is used again. */
  done(): void;
}

/** The way in which one input of a file takes its rows: float32 by MatrixInput, all others by PlainInput. */
export interface InputStyle {
  /**
   * @param rows - 1 or more.
   * @param columns - [features of this input][rows], in its order; read before this returns.
   * @param callRows - `rows` or more: what the input must have; the last row is repeated to fill it.
   */
  feed(rows: number, columns: readonly FeatureValues[], callRows: number): Fed;
}

/**
 * @param sizes - of an input behind its batch; undefined for one that has no batch.
 * @returns its dimensions in a call of so many rows.
 */
export function dimensions(callRows: number, hasBatch: boolean, sizes: readonly number[]): number[] {
  return hasBatch ? [callRows, ...sizes] : [...sizes];
}
