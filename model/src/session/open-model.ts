import { LoadedModel } from "./loaded-model.js";
import { ModelError } from "./model-error.js";
import { readExternalData, readModelFile, versionOf } from "./model-file.js";
import { modelSignature } from "./model-signature.js";
import { readSidecar } from "./model-sidecar.js";
import { readOnnxHeader, type OnnxHeader } from "./onnx-header.js";
import type { OnnxModel, OpenModelOptions } from "./onnx-model.js";
import { createSession } from "./onnx-session.js";
import { sampleRows } from "./sample-rows.js";
import { warmUp } from "./warm-up.js";

/**
 * Opens an ONNX regression: reads the file once, finds out how it is fed, loads it and runs it on 1 and on 256
 * rows, so that the first real row finds it warm.
 *
 * @param path - of one .onnx file.
 * @throws ModelError, one line that says what to do, whatever is wrong with the file.
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<OnnxModel> {
  const bytes = await readModelFile(path);
  const inFile = headerOf(path, bytes);
  const sidecar = await readSidecar(path);
  const header = { ...inFile, metadata: new Map([...(sidecar?.metadata ?? []), ...inFile.metadata]) };
  const signature = modelSignature(path, header, { configured: options.features, dataset: options.dataset, output: options.output });
  const external = await readExternalData(path, header.externalFiles);
  const session = await createSession(path, bytes, external, options.threads ?? 1);
  const version = versionOf([bytes, ...external.map(({ data }) => data)]);
  const model = new LoadedModel({ path, version, signature, session, allowsMissing: options.allowMissing ?? false });
  try {
    const categories = header.nodes.flatMap(({ category }) => category ?? []);
    await warmUp(path, model, sampleRows(path, header.metadata, signature.features, signature.kinds, categories));
  } catch (error) {
    await model.close();
    throw error;
  }
  return model;
}

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
