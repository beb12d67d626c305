import type { OnnxModel, OpenModelOptions } from "./onnx-model.js";
import { openModel } from "./open-model.js";
import { columnsOf } from "./warm-up.js";
import { ThreadedModel } from "./threaded-model.js";

/**
 * Above this a call belongs into a thread of its own. Below it the way there and back costs more than it gains: measured
 * with a linear model of ten features, one row takes 78 µs there and 21 µs here, 8,192 rows 433 and 263 µs.
 */
const MOST_BLOCKING_MS = 20;

/**
 * Opens a model for a service whose event loop must go on: it is tried with a call of `batchRows` rows, the largest
 * that it will get, and a slow one is opened in a thread of its own.
 *
 * @throws ModelError, see `openModel`.
 */
export async function openForServing(path: string, batchRows: number, options: OpenModelOptions = {}): Promise<OnnxModel> {
  const model = await openModel(path, options);
  const columns = columnsOf(
    model.kinds,
    Array.from({ length: batchRows }, () => model.sample),
  );
  const began = performance.now();
  await model.predict(batchRows, columns);
  if (performance.now() - began < MOST_BLOCKING_MS) return model;
  await model.close();
  return ThreadedModel.open(path, options);
}
