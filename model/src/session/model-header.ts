import { readOnnxHeader, type OnnxHeader } from "../onnx/header.js";
import { ModelError } from "./model-error.js";

/** What an ONNX file says of itself. @throws ModelError if it is none. */
export function headerOf(path: string, bytes: Uint8Array): OnnxHeader {
  try {
    return readOnnxHeader(bytes);
  } catch (cause) {
    throw new ModelError({
      path,
      reason: "not-onnx",
      problem: "this is not an ONNX file",
      remedy: "Convert the model to ONNX first; docs/your-own-model.md shows how, from a pickle too",
      cause,
    });
  }
}
