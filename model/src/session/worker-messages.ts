import type { FeatureValues } from "./feature-kind.js";
import type { OnnxModel, OpenModelOptions } from "./onnx-model.js";

/** What the thread is started with. */
export interface WorkerOptions {
  readonly path: string;
  readonly options: OpenModelOptions;
}

/** What the thread says first, when the model is open. */
export type Described = Pick<
  OnnxModel,
  "name" | "version" | "features" | "kinds" | "allowsMissing" | "notes" | "sample" | "target" | "targetUnit"
>;

/** Rows to score; see `OnnxModel.predict`. */
export interface Question {
  readonly number: number;
  readonly rows: number;
  readonly columns: readonly FeatureValues[];
}

/** The answer to the question of that number, or why there is none. */
export interface Answer {
  readonly number: number;
  readonly yPred?: Float64Array<ArrayBuffer>;
  readonly failure?: string;
}
