import { LoadedModel } from "./loaded-model.js";
import { MatrixInput } from "./matrix-input.js";
import { ModelError } from "./model-error.js";
import { readModelFile } from "./model-file.js";
import { modelSignature } from "./model-signature.js";
import { readOnnxHeader, type OnnxHeader } from "./onnx-header.js";
import type { OnnxModel, OpenModelOptions } from "./onnx-model.js";
import { createSession } from "./onnx-session.js";
import { warmUp } from "./warm-up.js";

/**
 * Opens an ONNX regression: reads the file once, checks that it can be fed, loads it and runs it on 1 and on 256
 * rows, so that the first real row finds it warm.
 *
 * @param path - of one .onnx file.
 * @throws ModelError, one line that says what to do, whatever is wrong with the file.
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<OnnxModel> {
  const { bytes, version } = await readModelFile(path);
  const signature = modelSignature(path, headerOf(path, bytes), options.features);
  const session = await createSession(path, bytes, options.threads ?? 1);
  const model = new LoadedModel({ path, version, signature, session, input: new MatrixInput(signature.input) });
  try {
    await warmUp(path, model, signature.warmUpRow);
  } catch (error) {
    await model.close();
    throw error;
  }
  return model;
}

function headerOf(path: string, bytes: Uint8Array): OnnxHeader {
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
