import { ModelError } from "./model-error.js";
import type { OnnxModel } from "./onnx-model.js";

/** One row as a single message brings it, and enough rows to show a model that takes only one at a time. */
const WARM_UP_ROWS = [1, 256];

/**
 * Runs a model before the first real row: it allocates then, and what cannot work is found at the start.
 *
 * @param path - for the message only.
 * @param row - a row that the model should be able to answer, [features].
 * @throws ModelError when the model fails or an answer is not finite.
 */
export async function warmUp(path: string, model: OnnxModel, row: readonly number[]): Promise<void> {
  for (const rows of WARM_UP_ROWS) {
    const columns = row.map((value) => new Float64Array(rows).fill(value));
    const answers = await model.predict(rows, columns);
    const bad = answers.find((answer) => !Number.isFinite(answer));
    if (bad !== undefined) {
      const given = model.features.map((feature, index) => `${feature} = ${row[index]}`).join(", ");
      throw new ModelError({
        path,
        reason: "not-finite",
        problem: `the model answered ${bad} to the row ${given}`,
        remedy:
          "Check it where it was made; if it cannot answer this row and that is right, write the means of the " +
          "features into the metadata streamgauge.feature_statistics (docs/your-own-model.md)",
      });
    }
  }
}
