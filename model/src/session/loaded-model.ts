import type { HeldOutError, Reference } from "@streamgauge/core";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { valuesBetween, type FeatureKind, type FeatureValues } from "./feature-kind.js";
import { dimensions, type Fed, type InputStyle } from "./input-style.js";
import type { PlannedInput } from "./input-plan.js";
import { MatrixInput } from "./matrix-input.js";
import { ModelError } from "./model-error.js";
import type { ModelSignature } from "./model-signature.js";
import type { OnnxModel } from "./onnx-model.js";
import { neutralInput } from "./neutral-input.js";
import { numbersOf } from "./onnx-session.js";
import type { OutputChoice } from "./output-choice.js";
import { PlainInput } from "./plain-input.js";
import type { Precision } from "./precision.js";
import type { SampleRow } from "./sample-rows.js";

/** What a LoadedModel is made of. */
export interface LoadedModelParts {
  readonly path: string;
  readonly version: string;
  readonly signature: ModelSignature;
  readonly session: InferenceSession;
  readonly allowsMissing: boolean;
}

/** An input, and which features it takes. */
interface Input {
  readonly name: string;
  readonly style: InputStyle;
  readonly first: number;
  readonly width: number;
}

/** An OnnxModel on one session of ONNX Runtime. */
export class LoadedModel implements OnnxModel {
  readonly name: string;
  readonly version: string;
  readonly features: readonly string[];
  readonly kinds: readonly FeatureKind[];
  readonly precisions: readonly Precision[];
  readonly allowsMissing: boolean;
  readonly target?: string;
  readonly targetUnit?: string;
  readonly heldOut?: HeldOutError;
  readonly reference?: Reference;
  readonly #notes: string[];
  readonly #path: string;
  readonly #output: OutputChoice;
  readonly #session: InferenceSession;
  readonly #inputs: readonly Input[];
  readonly #neutral: readonly { readonly name: string; readonly tensor: (callRows: number) => Tensor }[];
  readonly #running = new Set<Promise<unknown>>();
  #callRows: number | undefined;
  #sample: SampleRow = [];
  #closing: Promise<void> | undefined;

  constructor({ path, version, signature, session, allowsMissing }: LoadedModelParts) {
    this.name = signature.name;
    this.version = version;
    this.features = signature.features;
    this.kinds = signature.kinds;
    this.precisions = signature.precisions;
    this.allowsMissing = allowsMissing;
    if (signature.target !== undefined) this.target = signature.target;
    if (signature.targetUnit !== undefined) this.targetUnit = signature.targetUnit;
    if (signature.heldOut !== undefined) this.heldOut = signature.heldOut;
    if (signature.reference !== undefined) this.reference = signature.reference;
    this.#notes = [...signature.notes];
    this.#path = path;
    this.#output = signature.output;
    this.#session = session;
    this.#inputs = inputsOf(signature.plan.inputs);
    this.#neutral = signature.plan.unneeded
      .filter(({ name }) => session.inputNames.includes(name))
      .map((value) => ({ name: value.name, tensor: neutralInput(path, value) }));
    this.#callRows = signature.plan.batch;
  }

  get notes(): readonly string[] {
    return this.#notes;
  }

  get sample(): SampleRow {
    return this.#sample;
  }

  /** Keeps a row that was answered. */
  learnSample(row: SampleRow): void {
    this.#sample = row;
  }

  /** Rows of every call; undefined if any number is taken. */
  get callRows(): number | undefined {
    return this.#callRows;
  }

  /** Scores rows one after another from now on. @param why - a clause without full stop. */
  scoreOneByOne(why: string): void {
    this.#callRows = 1;
    this.#notes.push(why);
  }

  async predict(rows: number, columns: readonly FeatureValues[]): Promise<Float64Array> {
    this.#check(rows, columns);
    const size = this.#callRows;
    if (rows === 0) return new Float64Array(0);
    if (size === undefined) return this.#call(rows, columns, rows);
    const all = new Float64Array(rows);
    for (let from = 0; from < rows; from += size) {
      const to = Math.min(rows, from + size);
      all.set(
        await this.#call(
          to - from,
          columns.map((column) => valuesBetween(column, from, to)),
          size,
        ),
        from,
      );
    }
    return all;
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  /** The predictions of one call. @param callRows - rows that the call has, some of them filling. */
  async #call(rows: number, columns: readonly FeatureValues[], callRows: number): Promise<Float64Array> {
    const numbers = numbersOf(await this.#run(rows, columns, callRows));
    const { index, name } = this.#output;
    const perRow = (numbers?.length ?? 0) / callRows;
    const refuse = (problem: string, remedy: string) => new ModelError({ path: this.#path, reason: "unsupported-output", problem, remedy });
    if (numbers === undefined || perRow < 1 || !Number.isInteger(perRow)) {
      throw refuse(
        `the model answered ${callRows} rows with ${numbers?.length ?? "other things than"} numbers`,
        "Export a regression that gives one number for each row",
      );
    }
    if (index === undefined && perRow > 1) {
      throw refuse(
        `the output ${name} has ${perRow} numbers a row`,
        `Choose one, with OUTPUT=${name}[0] to OUTPUT=${name}[${perRow - 1}], or export a model with one target`,
      );
    }
    if (index !== undefined && index >= perRow) {
      throw refuse(
        `the output ${name} has ${perRow} numbers a row, and number ${index} is chosen`,
        `Choose one of ${name}[0] to ${name}[${perRow - 1}]`,
      );
    }
    if (perRow === 1) return numbers.subarray(0, rows);
    return Float64Array.from({ length: rows }, (_, row) => numbers[row * perRow + (index ?? 0)] ?? Number.NaN);
  }

  async #run(rows: number, columns: readonly FeatureValues[], callRows: number): Promise<Tensor | undefined> {
    const fed: Fed[] = [];
    const tensors: Record<string, Tensor> = Object.create(null);
    for (const { name, style, first, width } of this.#inputs) {
      const one = style.feed(rows, columns.slice(first, first + width), callRows);
      fed.push(one);
      tensors[name] = one.tensor;
    }
    for (const { name, tensor } of this.#neutral) tensors[name] = tensor(callRows);
    const running = this.#session.run(tensors, [this.#output.name]);
    this.#running.add(running);
    try {
      return (await running)[this.#output.name];
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
      for (const one of fed) one.done();
    }
  }

  async #release(): Promise<void> {
    // A session that is freed fails the calls that still wait for their turn.
    await Promise.allSettled(this.#running);
    await this.#session.release();
  }

  #check(rows: number, columns: readonly FeatureValues[]): void {
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

function inputsOf(planned: readonly PlannedInput[]): readonly Input[] {
  let next = 0;
  return planned.map(({ name, type, hasBatch, sizes, width = 0 }) => {
    const first = next;
    next += width;
    const dims = (callRows: number) => dimensions(callRows, hasBatch, sizes.map(Number));
    return { name, style: type === "float32" ? new MatrixInput(dims) : new PlainInput(type, dims), first, width };
  });
}
