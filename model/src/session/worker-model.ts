import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { FeatureKind, FeatureValues } from "./feature-kind.js";
import type { OnnxModel, OpenModelOptions } from "./onnx-model.js";
import type { SampleRow } from "./sample-rows.js";
import type { Answer, Described, Question, WorkerOptions } from "./worker-messages.js";

/** The compiled thread, the same from `src` and from `dist`. */
const THREAD = fileURLToPath(new URL("../../dist/session/model-worker.js", import.meta.url));

interface Asked {
  readonly resolve: (yPred: Float64Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A model in a thread of its own. ONNX Runtime blocks the thread that calls it: a call of seconds would hold up the
 * heartbeats of RabbitMQ, and the link would be lost. Handing rows over costs a copy of them.
 */
export class WorkerModel implements OnnxModel {
  readonly name: string;
  readonly version: string;
  readonly features: readonly string[];
  readonly kinds: readonly FeatureKind[];
  readonly allowsMissing: boolean;
  readonly notes: readonly string[];
  readonly sample: SampleRow;
  readonly target?: string;
  readonly targetUnit?: string;
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  #number = 0;

  private constructor(worker: Worker, described: Described) {
    const { target, targetUnit } = described;
    this.name = described.name;
    this.version = described.version;
    this.features = described.features;
    this.kinds = described.kinds;
    this.allowsMissing = described.allowsMissing;
    this.notes = described.notes;
    this.sample = described.sample;
    if (target !== undefined) this.target = target;
    if (targetUnit !== undefined) this.targetUnit = targetUnit;
    this.#worker = worker;
    worker.on("message", (answer: Answer) => this.#receive(answer));
    // The error itself is not caught: a thread that died ends the process, and what was in hand is delivered again.
    worker.on("exit", () => this.#rejectAll(new Error("The thread of the model ended.")));
  }

  /** @throws what `openModel` throws, by its message. */
  static async open(path: string, options: OpenModelOptions = {}): Promise<WorkerModel> {
    const workerData: WorkerOptions = { path, options };
    const worker = new Worker(THREAD, { workerData });
    const [described]: Described[] = await once(worker, "message");
    if (described === undefined) throw new Error("The thread of the model did not say what it is.");
    return new WorkerModel(worker, described);
  }

  predict(rows: number, columns: readonly FeatureValues[]): Promise<Float64Array> {
    const question: Question = { number: this.#number++, rows, columns: columns.map((column) => column.slice(0, rows)) };
    return new Promise((resolve, reject) => {
      this.#asked.set(question.number, { resolve, reject });
      const buffers = question.columns.flatMap((column) => (column instanceof Float64Array ? [column.buffer] : []));
      this.#worker.postMessage(
        question,
        buffers.filter((buffer) => buffer instanceof ArrayBuffer),
      );
    });
  }

  #receive({ number, yPred, failure }: Answer): void {
    const asked = this.#asked.get(number);
    this.#asked.delete(number);
    if (yPred === undefined) asked?.reject(new Error(failure ?? "no answer"));
    else asked?.resolve(yPred);
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }

  async close(): Promise<void> {
    while (this.#asked.size > 0) await once(this.#worker, "message");
    await this.#worker.terminate();
  }
}
