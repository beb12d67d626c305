import type { FeatureValues } from "./feature-kind.js";
import type { OnnxModel, OpenModelOptions } from "./onnx-model.js";

/** What the thread or process is started with; a process has it as its one argument, in JSON. */
export interface OpeningOptions {
  readonly path: string;
  readonly options: OpenModelOptions;
}

/** What is said first, when the model is open. */
export type Described = Pick<
  OnnxModel,
  | "name"
  | "version"
  | "features"
  | "kinds"
  | "precisions"
  | "allowsMissing"
  | "notes"
  | "sample"
  | "target"
  | "targetUnit"
  | "heldOut"
  | "reference"
>;

/** Rows to score; see `OnnxModel.predict`. */
export interface ScoreRequest {
  readonly number: number;
  readonly rows: number;
  readonly columns: readonly FeatureValues[];
}

/** The predictions that the request of that number asked for, or why there are none. */
export interface ScoreReply {
  readonly number: number;
  readonly yPred?: Float64Array<ArrayBuffer>;
  readonly failure?: string;
}

/** What a process sends: first what model it has, or why it has none; then its replies. */
export type ProcessMessage = { readonly opened: Described } | { readonly refused: string } | { readonly reply: ScoreReply };
