export { readOnnxHeader } from "./header.js";
export { metadataKey } from "./metadata-keys.js";
export { ML_DOMAIN, writeOnnx, type OnnxFile, type OnnxNode, type OnnxValue } from "./onnx-writer.js";
