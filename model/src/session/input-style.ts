import type { Tensor } from "onnxruntime-node";

/** The inputs of one call, by name. */
export interface Feed {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** To be called when the model has read the tensors: their memory is used again. */
  done(): void;
}

/**
 * The way in which a file takes its rows. There is one, MatrixInput; a file with other inputs (float64, int64, one
 * input a column, strings) gets another implementation, and nothing outside this folder sees a difference.
 */
export interface InputStyle {
  /**
   * @param rows - 1 or more.
   * @param columns - [features][rows], in the order of the model's features; read before this returns.
   */
  feed(rows: number, columns: readonly Float64Array[]): Feed;
}
