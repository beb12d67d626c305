import { replaceFile } from "@streamgauge/core";
import type { TrainResult } from "./train.js";
import { TrainingOptionError } from "./training-option-error.js";

/** Where the files of a training go; directories are made as needed, existing files are replaced. */
export interface TrainingPaths {
  readonly onnx: string;
  /** For the held-out rows; only a training with `fitOn: "rest"` has them. */
  readonly heldOutCsv?: string;
}

/**
 * Writes the files of a training. Each is written beside its place and then renamed, so that a service that
 * starts meanwhile reads the old file or the new one, never a part.
 *
 * @throws TrainingOptionError when held-out rows are asked for and the model was fitted on them. Errors of the
 * file system pass through: they name the path.
 */
export function writeTraining(result: TrainResult, paths: TrainingPaths): void {
  if (paths.heldOutCsv !== undefined) {
    if (result.heldOutCsv === undefined) {
      throw new TrainingOptionError("fitOn", result.report.fitOn, 'set it to "rest" to get held-out rows that the model has not seen');
    }
    replaceFile(paths.heldOutCsv, result.heldOutCsv);
  }
  replaceFile(paths.onnx, result.onnx);
}
