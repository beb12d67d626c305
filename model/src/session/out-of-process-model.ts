import type { HeldOutError, Reference } from "@streamgauge/core";
import type { FeatureKind, FeatureValues } from "./feature-kind.js";
import type { OnnxModel } from "./onnx-model.js";
import type { Precision } from "./precision.js";
import type { SampleRow } from "./sample-rows.js";
import type { Described, ScoreReply, ScoreRequest } from "./out-of-process-messages.js";

interface Pending {
  readonly resolve: (yPred: Float64Array) => void;
  readonly reject: (error: Error) => void;
}

/** A model that is open in a thread or a process of its own: what it is, and the requests that wait for its replies. */
export abstract class OutOfProcessModel implements OnnxModel {
  readonly name: string;
  readonly version: string;
  readonly features: readonly string[];
  readonly kinds: readonly FeatureKind[];
  readonly precisions: readonly Precision[];
  readonly allowsMissing: boolean;
  readonly notes: readonly string[];
  readonly sample: SampleRow;
  readonly target?: string;
  readonly targetUnit?: string;
  readonly heldOut?: HeldOutError;
  readonly reference?: Reference;
  readonly #pending = new Map<number, Pending>();
  #number = 0;
  #onIdle: () => void = () => undefined;

  protected constructor(described: Described) {
    const {
      name,
      version,
      features,
      kinds,
      precisions = [],
      allowsMissing,
      notes,
      sample,
      target,
      targetUnit,
      heldOut,
      reference,
    } = described;
    this.name = name;
    this.version = version;
    this.features = features;
    this.kinds = kinds;
    this.precisions = precisions;
    this.allowsMissing = allowsMissing;
    this.notes = notes;
    this.sample = sample;
    if (target !== undefined) this.target = target;
    if (targetUnit !== undefined) this.targetUnit = targetUnit;
    if (heldOut !== undefined) this.heldOut = heldOut;
    if (reference !== undefined) this.reference = reference;
  }

  abstract predict(rows: number, columns: readonly FeatureValues[]): Promise<Float64Array>;
  abstract close(): Promise<void>;

  /** Sends a request and resolves with its predictions. */
  protected request(rows: number, columns: readonly FeatureValues[], send: (request: ScoreRequest) => void): Promise<Float64Array> {
    const request: ScoreRequest = { number: this.#number++, rows, columns };
    return new Promise((resolve, reject) => {
      this.#pending.set(request.number, { resolve, reject });
      send(request);
    });
  }

  protected receive({ number, yPred, failure }: ScoreReply): void {
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    if (yPred === undefined) pending?.reject(new Error(failure ?? "no reply"));
    else pending?.resolve(yPred);
    if (this.#pending.size === 0) this.#onIdle();
  }

  /** No request gets a reply any more. */
  protected rejectAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#onIdle();
  }

  /** Resolves when no request waits for its reply. */
  protected async idle(): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }
}
