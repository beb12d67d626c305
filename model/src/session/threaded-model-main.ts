import { parentPort, workerData } from "node:worker_threads";
import type { OpeningOptions, ScoreRequest } from "./out-of-process-messages.js";
import { openModel } from "./open-model.js";
import { describe, replyTo } from "./score-reply.js";

/** What runs in the thread of a ThreadedModel: opens the model, says what it is, and replies to requests one after another. */
const { path, options }: OpeningOptions = workerData;
const model = await openModel(path, options);
parentPort?.postMessage(describe(model));

parentPort?.on("message", (request: ScoreRequest) => {
  void replyTo(model, request).then((reply) => parentPort?.postMessage(reply, reply.yPred === undefined ? [] : [reply.yPred.buffer]));
});
