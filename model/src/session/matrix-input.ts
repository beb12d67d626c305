import { Tensor } from "onnxruntime-node";
import { asNumbers, type FeatureValues } from "./feature-kind.js";
import type { Fed, InputStyle } from "./input-style.js";
import { packRows } from "./pack-rows.js";

/**
 * A float32 input: a matrix [N, features], or any other shape with as many values.
 *
 * Buffers are kept for the next call. There are as many as calls overlapped at most, since ONNX Runtime reads a
 * call's buffer only when its turn comes.
 */
export class MatrixInput implements InputStyle {
  readonly #dims: (callRows: number) => readonly number[];
  readonly #idle: Float32Array<ArrayBuffer>[] = [];

  /** @param dims - the input's dimensions in a call of so many rows. */
  constructor(dims: (callRows: number) => readonly number[]) {
    this.#dims = dims;
  }

  feed(rows: number, columns: readonly FeatureValues[], callRows: number): Fed {
    const width = columns.length;
    const buffer = this.#take(callRows * width);
    packRows(columns.map(asNumbers), rows, buffer);
    for (let row = rows; row < callRows; row += 1) buffer.copyWithin(row * width, (rows - 1) * width, rows * width);
    const tensor = new Tensor("float32", buffer.subarray(0, callRows * width), this.#dims(callRows));
    return { tensor, done: () => this.#idle.push(buffer) };
  }

  /** A buffer that is too small is dropped, so that the ones kept grow to what the calls need. */
  #take(size: number): Float32Array<ArrayBuffer> {
    const buffer = this.#idle.pop();
    return buffer !== undefined && buffer.length >= size ? buffer : new Float32Array(size);
  }
}
