import type { Tensor } from "onnxruntime-node";
import { describeValue } from "../onnx/describe-value.js";
import { ModelError } from "./model-error.js";
import type { DeclaredValue } from "../onnx/declared-value.js";
import { kindOf, plainTensor } from "./plain-input.js";
import { FLOAT32 } from "../onnx/unread-type.js";

/**
 * Feeds an input that the prediction does not depend on, and that its nodes read nevertheless: with zeros or empty texts,
 * one a row if the file leaves the number of rows open, and 1 of any other size that it leaves open.
 *
 * @param path - for the message only.
 * @returns its tensor in a call of so many rows.
 * @throws ModelError if it is of a type that cannot be fed.
 */
export function neutralInput(path: string, value: DeclaredValue): (callRows: number) => Tensor {
  const { type, shape = [""] } = value;
  const kind = kindOf(type);
  if (type === undefined || kind === undefined) {
    throw new ModelError({
      path,
      reason: "unsupported-input",
      problem: `the input ${describeValue(value)} cannot be fed, and the model asks for it although the prediction does not depend on it`,
      remedy: type === undefined ? "Export the model without it" : `${FLOAT32}, or without this input`,
    });
  }
  return (callRows) => {
    const dims = shape.map((size, at) => (typeof size === "number" ? size : at === 0 ? callRows : 1));
    const cells = Array.from<number | string>({ length: dims.reduce((product, size) => product * size, 1) });
    return plainTensor(type, cells.fill(kind === "text" ? "" : 0), dims);
  };
}
