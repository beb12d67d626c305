import { Tensor } from "onnxruntime-node";
import type { Feed, InputStyle } from "./input-style.js";
import { packRows } from "./pack-rows.js";

/**
 * One float32 input [N, features].
 *
 * Buffers are kept for the next call. There are as many as calls overlapped at most, since ONNX Runtime reads a
 * call's buffer only when its turn comes.
 */
export class MatrixInput implements InputStyle {
  readonly #name: string;
  readonly #idle: Float32Array<ArrayBuffer>[] = [];

  /** @param name - the input's name in the file. */
  constructor(name: string) {
    this.#name = name;
  }

  feed(rows: number, columns: readonly Float64Array[]): Feed {
    const size = rows * columns.length;
    const buffer = this.#take(size);
    packRows(columns, rows, buffer);
    const matrix = new Tensor("float32", buffer.subarray(0, size), [rows, columns.length]);
    return {
      tensors: { [this.#name]: matrix },
      done: () => this.#idle.push(buffer),
    };
  }

  /** A buffer that is too small is dropped, so that the ones kept grow to what the calls need. */
  #take(size: number): Float32Array<ArrayBuffer> {
    const buffer = this.#idle.pop();
    return buffer !== undefined && buffer.length >= size ? buffer : new Float32Array(size);
  }
}
