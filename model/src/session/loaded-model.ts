import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { InputStyle } from "./input-style.js";
import { ModelError } from "./model-error.js";
import type { ModelSignature } from "./model-signature.js";
import type { OnnxModel } from "./onnx-model.js";
import { numbersOf } from "./onnx-session.js";

/** What a LoadedModel is made of. */
export interface LoadedModelParts {
  readonly path: string;
  readonly version: string;
  readonly signature: ModelSignature;
  readonly session: InferenceSession;
  readonly input: InputStyle;
}

/** An OnnxModel on one session of ONNX Runtime. */
export class LoadedModel implements OnnxModel {
  readonly name: string;
  readonly version: string;
  readonly features: readonly string[];
  readonly target?: string;
  readonly targetUnit?: string;
  readonly #path: string;
  readonly #output: string;
  readonly #session: InferenceSession;
  readonly #input: InputStyle;
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor({ path, version, signature, session, input }: LoadedModelParts) {
    this.name = signature.name;
    this.version = version;
    this.features = signature.features;
    if (signature.target !== undefined) this.target = signature.target;
    if (signature.targetUnit !== undefined) this.targetUnit = signature.targetUnit;
    this.#path = path;
    this.#output = signature.output;
    this.#session = session;
    this.#input = input;
  }

  async predict(rows: number, columns: readonly Float64Array[]): Promise<Float64Array> {
    this.#check(rows, columns);
    if (rows === 0) return new Float64Array(0);
    const answer = numbersOf(await this.#run(rows, columns));
    if (answer?.length !== rows) {
      throw new ModelError({
        path: this.#path,
        reason: "unsupported-output",
        problem: `the model answered ${rows} rows with ${answer?.length ?? "other things than"} numbers`,
        remedy: "Export a regression that gives one number for each row",
      });
    }
    return answer;
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #run(rows: number, columns: readonly Float64Array[]): Promise<Tensor | undefined> {
    const feed = this.#input.feed(rows, columns);
    const running = this.#session.run(feed.tensors, [this.#output]);
    this.#running.add(running);
    try {
      return (await running)[this.#output];
    } catch (cause) {
      const words = cause instanceof Error ? cause.message : String(cause);
      throw new ModelError({
        path: this.#path,
        reason: "run-failed",
        problem: `the model failed on ${rows} rows (${words.trim()})`,
        remedy: "Check that it accepts these rows where it was made, and any number of rows in one call",
        cause,
      });
    } finally {
      this.#running.delete(running);
      feed.done();
    }
  }

  async #release(): Promise<void> {
    // A session that is freed fails the calls that still wait for their turn.
    await Promise.allSettled(this.#running);
    await this.#session.release();
  }

  #check(rows: number, columns: readonly Float64Array[]): void {
    if (this.#closing !== undefined) {
      throw new ModelError({
        path: this.#path,
        reason: "closed",
        problem: "the model is closed",
        remedy: "Open it again to predict",
      });
    }
    if (columns.length !== this.features.length || columns.some((column) => column.length < rows)) {
      throw new ModelError({
        path: this.#path,
        reason: "wrong-columns",
        problem: `${columns.length} columns of ${columns.map((column) => column.length).join(", ")} numbers were given for ${rows} rows`,
        remedy: `Give ${this.features.length} columns with a number for each row, in this order: ${this.features.join(", ")}`,
      });
    }
  }
}
