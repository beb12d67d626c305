import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { FeatureValues } from "./feature-kind.js";
import { OutOfProcessModel } from "./out-of-process-model.js";
import type { OpenModelOptions } from "./onnx-model.js";
import type { Described, OpeningOptions, ScoreReply } from "./out-of-process-messages.js";

/** The compiled thread, the same from `src` and from `dist`. */
const THREAD = fileURLToPath(new URL("../../dist/session/threaded-model-main.js", import.meta.url));

/**
 * A model in a thread of its own. ONNX Runtime blocks the thread that calls it: a call of seconds would hold up the
 * heartbeats of RabbitMQ, and the link would be lost. Handing rows over costs a copy of them.
 */
export class ThreadedModel extends OutOfProcessModel {
  readonly #worker: Worker;

  private constructor(worker: Worker, described: Described) {
    super(described);
    this.#worker = worker;
    worker.on("message", (reply: ScoreReply) => this.receive(reply));
    // The error itself is not caught: a thread that died ends the process, and what was not acknowledged is delivered again.
    worker.on("exit", () => this.rejectAll(new Error("The thread of the model ended.")));
  }

  /** @throws what `openModel` throws, by its message. */
  static async open(path: string, options: OpenModelOptions = {}): Promise<ThreadedModel> {
    const workerData: OpeningOptions = { path, options };
    // The flags of this process are not meant for it.
    const worker = new Worker(THREAD, { workerData, execArgv: [] });
    const [described]: Described[] = await once(worker, "message");
    if (described === undefined) throw new Error("The thread of the model did not say what it is.");
    return new ThreadedModel(worker, described);
  }

  predict(rows: number, columns: readonly FeatureValues[]): Promise<Float64Array> {
    const copies = columns.map((column) => column.slice(0, rows));
    const buffers = copies.flatMap((column) => (column instanceof Float64Array ? [column.buffer] : []));
    return this.request(rows, copies, (request) => {
      this.#worker.postMessage(
        request,
        buffers.filter((buffer) => buffer instanceof ArrayBuffer),
      );
    });
  }

  async close(): Promise<void> {
    await this.idle();
    await this.#worker.terminate();
  }
}
