import { LoadedModel } from "./loaded-model.js";
import { headerOf } from "./model-header.js";
import { readExternalData, readModelFile, versionOf } from "./model-file.js";
import { modelSignature, type ModelSignature } from "./model-signature.js";
import { readSidecar } from "./model-sidecar.js";
import { extractModel } from "../onnx/extract.js";
import type { OnnxHeader } from "../onnx/header.js";
import type { OnnxModel, OpenModelOptions } from "./onnx-model.js";
import { createSession } from "./onnx-session.js";
import { nodesBehind, type NodesBehind } from "../onnx/output-sources.js";
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
  const behind = nodesBehind(header.nodes, signature.output.name);
  const session = await createSession(path, behindOutput(bytes, header, signature, behind), external, options.threads ?? 1);
  const version = versionOf([bytes, ...external.map(({ data }) => data)]);
  const model = new LoadedModel({ path, version, signature, session, allowsMissing: options.allowMissing ?? false });
  try {
    const categories = [...behind.nodes].flatMap(({ category }) => category ?? []);
    await warmUp(path, model, sampleRows(path, header.metadata, signature.features, signature.kinds, categories));
  } catch (error) {
    await model.close();
    throw error;
  }
  return model;
}

/** The file without what its prediction does not need, if that is an input: it would have to be fed, and can fail. */
function behindOutput(bytes: Uint8Array, { nodes }: OnnxHeader, { plan, output }: ModelSignature, behind: NodesBehind): Uint8Array {
  const unread = new Set(plan.unneeded.map(({ name }) => name).filter((name) => !behind.names.has(name)));
  if (unread.size === 0) return bytes;
  return extractModel(bytes, {
    node: (at) => nodes[at] !== undefined && behind.nodes.has(nodes[at]),
    input: (name) => !unread.has(name),
    output: (name) => name === output.name,
  });
}
