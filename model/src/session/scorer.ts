import { RowCoder, type HeldOutError } from "@streamgauge/core";
import type { FeatureRules, FeatureValues } from "./feature-kind.js";
import type { OnnxModel } from "./onnx-model.js";

/** What predictions say of their model. */
export interface ModelLabel {
  /** Name and version of the very model that scored them, as `name@version`. */
  readonly model: string;
  /** Unit of what is predicted; empty if it is not known. */
  readonly unit: string;
  /** Its error on rows that it was not fitted on; left out if it is not known. */
  readonly heldOut?: HeldOutError;
}

/** The predictions for some rows, and which model made them. */
export interface Predictions extends ModelLabel {
  /** Shape [rows]; NaN or infinite if the model has no number for a row. */
  readonly yPred: Float64Array;
}

/** What scores rows for the service: a model from a file, here or in another process, or a model server. */
export interface Scorer extends FeatureRules {
  /** Name and version as far as they are known before rows are scored. */
  readonly label: string;
  /** Calls that may be under way at once; more would only wait for each other. */
  readonly concurrency: number;
  /** Finds the bins of rows, by the model's reference; undefined if it has none. */
  readonly coder?: RowCoder | undefined;
  /**
   * Scores rows in one call.
   *
   * @param columns - [features][rows], in the order of `features`.
   * @throws ScoringError if it is known what the failure means for other rows; otherwise the model failed on these rows.
   */
  score(rows: number, columns: readonly FeatureValues[]): Promise<Predictions>;
  /** Lets go of the model. Calls in progress are finished, or fail. */
  close(): Promise<void>;
}

/** The cause of the failure: these rows, so others may still be scored; the model or its server, which affects all rows; or unknown. */
export type Blame = "rows" | "model" | "unknown";

/** Rows could not be scored, and what that means for them and for others. */
export class ScoringError extends Error {
  override readonly name = "ScoringError";
  /** Trying these rows again would fail too. */
  readonly forGood: boolean;
  readonly blame: Blame;

  constructor(message: string, { forGood, blame, cause }: { readonly forGood: boolean; readonly blame: Blame; readonly cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause });
    this.forGood = forGood;
    this.blame = blame;
  }
}

/** A model of a file as a scorer. Its calls run one after another in any case. @param monitored - the features to monitor; none: all of its reference. */
export function fileScorer(model: OnnxModel, monitored: readonly string[] = []): Scorer {
  const label = `${model.name}@${model.version}`;
  const said: ModelLabel = {
    model: label,
    unit: model.targetUnit ?? "",
    ...(model.heldOut === undefined ? {} : { heldOut: model.heldOut }),
  };
  return {
    label,
    features: model.features,
    kinds: model.kinds,
    ...(model.precisions === undefined ? {} : { precisions: model.precisions }),
    allowsMissing: model.allowsMissing,
    concurrency: 1,
    coder: model.reference === undefined ? undefined : new RowCoder(model.reference, model.features, monitored),
    score: async (rows, columns) => ({ yPred: await model.predict(rows, columns), ...said }),
    close: () => model.close(),
  };
}
