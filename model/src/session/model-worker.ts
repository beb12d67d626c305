import { parentPort, workerData } from "node:worker_threads";
import { openModel } from "./open-model.js";
import type { Answer, Described, Question, WorkerOptions } from "./worker-messages.js";

/** What runs in the thread of a WorkerModel: opens the model, says what it is, and answers questions one after another. */
const { path, options }: WorkerOptions = workerData;
const model = await openModel(path, options);
const { name, version, features, kinds, allowsMissing, notes, sample, target, targetUnit } = model;
const described: Described = {
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
parentPort?.postMessage(described);

parentPort?.on("message", (question: Question) => {
  void answer(question).then((given) => parentPort?.postMessage(given, given.yPred === undefined ? [] : [given.yPred.buffer]));
});

async function answer({ number, rows, columns }: Question): Promise<Answer> {
  try {
    const yPred = await model.predict(rows, columns);
    // A copy of its own buffer, which can be handed over.
    return { number, yPred: new Float64Array(yPred) };
  } catch (error) {
    return { number, failure: error instanceof Error ? error.message : String(error) };
  }
}
