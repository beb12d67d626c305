export { defaultModelPath } from "./default-model-path.js";
export { ModelError, type ModelErrorReason } from "./model-error.js";
export type { OnnxModel, OpenModelOptions } from "./onnx-model.js";
export { openForServing } from "./open-for-serving.js";
export { openModel } from "./open-model.js";
