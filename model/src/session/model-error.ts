/** What is wrong with a model; one word for code: the message is for people. */
export type ModelErrorReason =
  | "missing"
  | "unreadable"
  | "git-lfs-pointer"
  | "not-onnx"
  | "external-data"
  | "unsupported-version"
  | "unsupported-input"
  | "unsupported-output"
  | "feature-names"
  | "metadata"
  | "refused"
  | "not-finite"
  | "wrong-columns"
  | "run-failed"
  | "closed";

/** The facts of a ModelError. */
export interface ModelFault {
  /** Path of the ONNX file. */
  readonly path: string;
  readonly reason: ModelErrorReason;
  /** What is wrong, as the end of a sentence that starts with the path. */
  readonly problem: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** A model that cannot be opened or used. The message is one line: the file, what is wrong with it, what to do. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly path: string;
  readonly reason: ModelErrorReason;
  readonly problem: string;
  readonly remedy: string;

  constructor(fault: ModelFault) {
    super(
      `Model ${fault.path}: ${fault.problem}. ${fault.remedy}.`.replaceAll(/\s+/g, " "),
      fault.cause === undefined ? undefined : { cause: fault.cause },
    );
    this.path = fault.path;
    this.reason = fault.reason;
    this.problem = fault.problem;
    this.remedy = fault.remedy;
  }
}
