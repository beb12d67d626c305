import { parentPort, workerData } from "node:worker_threads";
import { answerTo, describe } from "./answering.js";
import { openModel } from "./open-model.js";
import type { Question, WorkerOptions } from "./worker-messages.js";

/** What runs in the thread of a WorkerModel: opens the model, says what it is, and answers questions one after another. */
const { path, options }: WorkerOptions = workerData;
const model = await openModel(path, options);
parentPort?.postMessage(describe(model));

parentPort?.on("message", (question: Question) => {
  void answerTo(model, question).then((given) => parentPort?.postMessage(given, given.yPred === undefined ? [] : [given.yPred.buffer]));
});
