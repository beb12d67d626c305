import type { FeatureKind, FeatureValues } from "./feature-kind.js";
import type { OnnxModel } from "./onnx-model.js";
import type { SampleRow } from "./sample-rows.js";
import type { Answer, Described, Question } from "./worker-messages.js";

interface Asked {
  readonly resolve: (yPred: Float64Array) => void;
  readonly reject: (error: Error) => void;
}

/** A model that is open in a thread or a process of its own: what it is, and the questions that wait for its answers. */
export abstract class ModelElsewhere implements OnnxModel {
  readonly name: string;
  readonly version: string;
  readonly features: readonly string[];
  readonly kinds: readonly FeatureKind[];
  readonly allowsMissing: boolean;
  readonly notes: readonly string[];
  readonly sample: SampleRow;
  readonly target?: string;
  readonly targetUnit?: string;
  readonly #asked = new Map<number, Asked>();
  #number = 0;
  #onIdle: () => void = () => undefined;

  protected constructor({ name, version, features, kinds, allowsMissing, notes, sample, target, targetUnit }: Described) {
    this.name = name;
    this.version = version;
    this.features = features;
    this.kinds = kinds;
    this.allowsMissing = allowsMissing;
    this.notes = notes;
    this.sample = sample;
    if (target !== undefined) this.target = target;
    if (targetUnit !== undefined) this.targetUnit = targetUnit;
  }

  abstract predict(rows: number, columns: readonly FeatureValues[]): Promise<Float64Array>;
  abstract close(): Promise<void>;

  /** Sends a question and resolves with its answer. */
  protected ask(rows: number, columns: readonly FeatureValues[], send: (question: Question) => void): Promise<Float64Array> {
    const question: Question = { number: this.#number++, rows, columns };
    return new Promise((resolve, reject) => {
      this.#asked.set(question.number, { resolve, reject });
      send(question);
    });
  }

  protected receive({ number, yPred, failure }: Answer): void {
    const asked = this.#asked.get(number);
    this.#asked.delete(number);
    if (yPred === undefined) asked?.reject(new Error(failure ?? "no answer"));
    else asked?.resolve(yPred);
    if (this.#asked.size === 0) this.#onIdle();
  }

  /** No question is answered any more. */
  protected rejectAll(error: Error): void {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
    this.#onIdle();
  }

  /** Resolves when no question waits for its answer. */
  protected async idle(): Promise<void> {
    if (this.#asked.size > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }
}
