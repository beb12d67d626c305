import type { HeldOutError, Reference } from "@streamgauge/core";
import type { FeatureRules, FeatureValues } from "./feature-kind.js";
import type { SampleRow } from "./sample-rows.js";

/**
 * A regression that is loaded and warm. What kind of inputs its file has is hidden here: callers hand over columns
 * of numbers or texts and get float64 back.
 */
export interface OnnxModel extends FeatureRules {
  /** From the metadata `streamgauge.name`, otherwise the file's name without its ending. */
  readonly name: string;
  /** First 12 hex digits of the file's SHA-256: two files with different bytes have different versions. */
  readonly version: string;
  /** How the file is served, if that is not plain; clauses without full stop, for the log. */
  readonly notes: readonly string[];
  /** A row that the model was seen to answer. */
  readonly sample: SampleRow;
  /** Name of what is predicted; absent when the file does not say. */
  readonly target?: string;
  /** Unit of what is predicted; absent when the file does not say. */
  readonly targetUnit?: string;
  /** Its error on rows that it was not fitted on; absent when the file does not say. */
  readonly heldOut?: HeldOutError;
  /** What features and predictions looked like where it was made; absent when the file does not say. */
  readonly reference?: Reference;
  /**
   * Scores rows. Calls may overlap; each gets its own answer.
   *
   * @param rows - number of rows, 0 or more; 0 does not call the model.
   * @param columns - [features][rows] in the order of `features`, raw units; a longer column is read to `rows`. Not
   * kept and not changed; free for reuse once the answer is there.
   * @returns y_pred, [rows], in the target's unit. A row may be NaN or infinite if the model itself answers so:
   * the caller refuses such rows, the others are good.
   * @throws ModelError when the columns do not fit, the model fails on these rows, or it is closed.
   */
  predict(rows: number, columns: readonly FeatureValues[]): Promise<Float64Array>;
  /** Lets the calls in progress finish, then frees the model. Closing twice is the same as once. */
  close(): Promise<void>;
}

/** How a model is opened. */
export interface OpenModelOptions {
  /**
   * Names of the input's columns, for a file that does not carry them. If it does, both must be the same: a
   * column in the wrong place gives wrong predictions without any error.
   */
  readonly features?: readonly string[] | undefined;
  /** The dataset's columns beside target and id: their order is taken if nothing else names the columns of the input. */
  readonly dataset?: readonly string[] | undefined;
  /** Which output is the prediction, `NAME` or `NAME[INDEX]`, for a file with several. */
  readonly output?: string | undefined;
  /** Whether missing values reach the model, as NaN and as empty text; false when left out. */
  readonly allowMissing?: boolean | undefined;
  /**
   * Threads within one call; 1 when left out. Measured with 8,192 rows of 10 features on 2 cores: a linear model takes
   * 234 µs with one thread and with two, but 234 and 466 µs of processor time, since threads that wait keep a core busy
   * that the broker needs. A forest of 100 trees takes 17 ms with one and 9 ms with two.
   */
  readonly threads?: number;
}
