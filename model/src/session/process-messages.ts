import type { OpenModelOptions } from "./onnx-model.js";
import type { Answer, Described } from "./worker-messages.js";

/** What the process is started with, as its one argument, in JSON. */
export interface ProcessOptions {
  readonly path: string;
  readonly options: OpenModelOptions;
}

/** What the process says: first what model it has, or why it has none; then its answers. */
export type ProcessMessage = { readonly opened: Described } | { readonly refused: string } | { readonly answer: Answer };
