import type { OnnxModel } from "./onnx-model.js";
import type { Answer, Described, Question } from "./worker-messages.js";

/** What a model in another thread or process says of itself. */
export function describe(model: OnnxModel): Described {
  const { name, version, features, kinds, allowsMissing, notes, sample, target, targetUnit } = model;
  return {
    name,
    version,
    features,
    kinds,
    allowsMissing,
    notes,
    sample,
    ...(target === undefined ? {} : { target }),
    ...(targetUnit === undefined ? {} : { targetUnit }),
  };
}

/** Its answer to a question from there. Never rejects. */
export async function answerTo(model: OnnxModel, { number, rows, columns }: Question): Promise<Answer> {
  try {
    const yPred = await model.predict(rows, columns);
    // A copy of its own buffer, which can be handed over.
    return { number, yPred: new Float64Array(yPred) };
  } catch (error) {
    return { number, failure: error instanceof Error ? error.message : String(error) };
  }
}
