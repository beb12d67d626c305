import type { OnnxModel } from "./onnx-model.js";
import type { Described, ScoreReply, ScoreRequest } from "./out-of-process-messages.js";

/** What a model in another thread or process says of itself. */
export function describe(model: OnnxModel): Described {
  const { name, version, features, kinds, precisions = [], allowsMissing, notes, sample, target, targetUnit, heldOut, reference } = model;
  return {
    name,
    version,
    features,
    kinds,
    precisions,
    allowsMissing,
    notes,
    sample,
    ...(target === undefined ? {} : { target }),
    ...(targetUnit === undefined ? {} : { targetUnit }),
    ...(heldOut === undefined ? {} : { heldOut }),
    ...(reference === undefined ? {} : { reference }),
  };
}

/** Its reply to a request from there. Never rejects. */
export async function replyTo(model: OnnxModel, { number, rows, columns }: ScoreRequest): Promise<ScoreReply> {
  try {
    const yPred = await model.predict(rows, columns);
    // A copy of its own buffer, which can be handed over.
    return { number, yPred: new Float64Array(yPred) };
  } catch (error) {
    return { number, failure: error instanceof Error ? error.message : String(error) };
  }
}
