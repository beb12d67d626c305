import { isDatatype, kindOf } from "@streamgauge/core";
import { parseOutput, precisionOf, type FeatureKind, type Precision } from "../session/index.js";
import type { DeclaredTensor, ModelMetadata } from "./inference-protocol.js";

/** How rows are put to a model server. */
export interface RemoteSignature {
  /** Names of the columns, in order. */
  readonly features: readonly string[];
  /** What values each of them has, in the same order. */
  readonly kinds: readonly FeatureKind[];
  readonly precisions: readonly Precision[];
  /** One matrix, or one input for each feature. */
  readonly inputs: readonly RemoteInput[];
  /** The output that is read; undefined if the only one that comes is meant. */
  readonly output: string | undefined;
  /** Which of several numbers a row; undefined if there must be one. */
  readonly index?: number;
  /** Rows of each call, if the server takes only so many; undefined: any number. */
  readonly fixedRows: number | undefined;
  /** What was assumed, as a clause for the user. */
  readonly note?: string;
}

export interface RemoteInput {
  readonly name: string;
  readonly datatype: string;
  /** Positions of its columns among the features. */
  readonly columns: readonly number[];
  /** Whether its shape is `[rows, columns]`, not `[rows]`. */
  readonly isMatrix: boolean;
}

const FLOATING = /^(FP16|FP32|FP64|BF16)$/;
/** What servers without a description of their inputs take. */
const UNDESCRIBED: DeclaredTensor = { name: "input-0", datatype: "FP32", shape: [-1, -1] };

type Inputs = Omit<RemoteSignature, "output" | "index">;

/**
 * How rows are put to a model, from what its server says of it and the names that the user gave.
 *
 * @param configured - names of the columns, for a model with one matrix.
 * @param dataset - the dataset's columns, whose order is taken if there are no names.
 * @param wanted - which output, as in the setting OUTPUT.
 * @throws Error that says what does not fit, as the end of a sentence.
 */
export function remoteSignature(
  metadata: ModelMetadata,
  configured: readonly string[] | undefined,
  dataset?: readonly string[],
  wanted?: string,
): RemoteSignature {
  return { ...inputsOf(metadata.inputs, configured, dataset), ...outputOf(metadata.outputs, wanted) };
}

function inputsOf(
  declared: readonly DeclaredTensor[],
  configured: readonly string[] | undefined,
  dataset: readonly string[] | undefined,
): Inputs {
  const [first, second] = declared;
  if (first === undefined) return undescribedInput(configured, dataset);
  const kinds = declared.map(kindOfInput);
  if (second === undefined) return matrixInput(first, configured, dataset);
  const wide = declared.find((input) => elements(input) > 1);
  if (wide !== undefined) {
    throw new Error(
      `it has ${declared.length} inputs, of which ${wide.name} has the shape [${wide.shape.join(", ")}]; give it one matrix, or one column for each feature`,
    );
  }
  const features = declared.map(({ name }) => name);
  const inputs = declared.map((input, column) => ({
    name: input.name,
    datatype: input.datatype,
    columns: [column],
    isMatrix: input.shape.length > 1,
  }));
  const precisions = declared.map(({ datatype }) => precisionOf(datatype));
  return { features, kinds, precisions, inputs, fixedRows: fixed(first.shape[0]) };
}

/** @throws Error if the values of the datatype cannot be sent. */
function kindOfInput({ name, datatype }: DeclaredTensor): FeatureKind {
  // There is no agreed form of half precision in JSON.
  if (isDatatype(datatype) && datatype !== "FP16") return kindOf(datatype);
  throw new Error(`its input ${name} takes ${datatype}, which cannot be sent as JSON; serve the model with inputs of FP32 or FP64`);
}

/** As KServe's own servers take it, whose description has no inputs. */
function undescribedInput(configured: readonly string[] | undefined, dataset: readonly string[] | undefined): Inputs {
  const features = configured ?? dataset;
  if (features === undefined)
    throw new Error("it does not say what it takes; name the columns in FEATURES, in the model's order, such as FEATURES=age,bmi");
  const origin = configured === undefined ? "the dataset's columns in their order" : "the columns of FEATURES";
  return {
    ...matrixInput(UNDESCRIBED, features, undefined),
    note: `it does not say what it takes: it gets one matrix, ${UNDESCRIBED.name} of ${UNDESCRIBED.datatype}, with ${origin}: ${features.join(", ").slice(0, 300)}`,
  };
}

function matrixInput(input: DeclaredTensor, configured: readonly string[] | undefined, dataset: readonly string[] | undefined): Inputs {
  const { name, datatype, shape } = input;
  const kind = kindOfInput(input);
  if (shape.length > 2) throw new Error(`its input ${name} has the shape [${shape.join(", ")}]; a matrix [rows, features] is needed`);
  const isColumn = shape.length === 1 && shape[0] === -1;
  // A server may declare one row, without the dimension of the batch.
  const width = isColumn ? 1 : fixed(shape.at(-1));
  const own = configured ?? (width === 1 ? [name] : undefined);
  const features = own ?? (width === undefined || width === dataset?.length ? dataset : undefined);
  if (features === undefined) {
    throw new Error(
      `its one input ${name} has ${width === undefined ? "" : `${width} `}columns without names; name them in FEATURES, in the model's order, such as FEATURES=age,bmi`,
    );
  }
  if (width !== undefined && width !== features.length)
    throw new Error(`its input ${name} has ${width} columns, and FEATURES names ${features.length}: ${features.join(", ")}`);
  return {
    features,
    kinds: features.map(() => kind),
    precisions: features.map(() => precisionOf(datatype)),
    inputs: [{ name, datatype, columns: features.map((_, column) => column), isMatrix: !isColumn }],
    fixedRows: shape.length === 2 ? fixed(shape[0]) : undefined,
    ...(own === undefined
      ? { note: `its columns have no names; those of the dataset are taken in their order: ${features.join(", ").slice(0, 300)}` }
      : {}),
  };
}

function outputOf(declared: readonly DeclaredTensor[], wanted: string | undefined): Pick<RemoteSignature, "output" | "index"> {
  const listed = declared.map(({ name, datatype, shape }) => `${name} (${datatype} [${shape.join(", ")}])`).join(", ");
  if (wanted !== undefined) {
    const { name, index } = parseOutput(declared, wanted);
    // Servers need not declare their outputs.
    if (declared.length > 0 && declared.every((output) => output.name !== name))
      throw new Error(`it has no output ${name}, which OUTPUT names; it has ${listed}`);
    return { output: name, ...(index === undefined ? {} : { index }) };
  }
  const [first, second] = declared;
  if (first?.datatype === "BYTES" && second === undefined)
    throw new Error(`its output ${first.name} is text (BYTES); a prediction is a number`);
  if (second === undefined) return { output: first?.name };
  const floating = declared.filter(({ datatype }) => FLOATING.test(datatype));
  const [only, other] = floating;
  if (only !== undefined && other === undefined) return { output: only.name };
  throw new Error(`it has ${declared.length} outputs, and none is the only one of floating point: ${listed}; choose one, with OUTPUT=NAME`);
}

/** Numbers of one row, if that is known. */
function elements({ shape }: DeclaredTensor): number {
  return shape.slice(1).reduce((product, size) => product * Math.max(1, size), 1);
}

function fixed(size: number | undefined): number | undefined {
  return size === undefined || size < 1 ? undefined : size;
}
