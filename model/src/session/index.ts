export { defaultModelPath } from "./default-model-path.js";
export {
  asNumbers,
  INTEGER_RANGE,
  textFeatures,
  valuesBetween,
  type FeatureKind,
  type FeatureRules,
  type FeatureValues,
} from "./feature-kind.js";
export { describeValue } from "../onnx/describe-value.js";
export { inspectModel, type CallLatency, type ModelInspection, type ServedAs } from "./inspect-model.js";
export { ModelError, type ModelErrorReason } from "./model-error.js";
export type { OnnxModel, OpenModelOptions } from "./onnx-model.js";
export { openForServing } from "./open-for-serving.js";
export { openModel } from "./open-model.js";
export { parseOutput } from "./output-choice.js";
export { ModelRefusedError, ProcessModel } from "./process-model.js";
