import { parseOutput } from "../session/index.js";
import type { DeclaredTensor, ModelMetadata } from "./inference-protocol.js";

/** How rows are put to a model server. */
export interface RemoteSignature {
  /** Names of the columns, in order. */
  readonly features: readonly string[];
  /** One matrix, or one input for each feature. */
  readonly inputs: readonly RemoteInput[];
  /** The output that is read; undefined where the only one that comes is meant. */
  readonly output: string | undefined;
  /** Which of several numbers a row; undefined where there must be one. */
  readonly index?: number;
  /** Rows of each call, where the server takes only so many; undefined: any number. */
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

const NUMERIC = /^(FP32|FP64|U?INT(8|16|32|64))$/;
const FLOATING = /^(FP16|FP32|FP64|BF16)$/;

/** @returns whether the numbers of this datatype are whole. */
export function isWhole(datatype: string): boolean {
  return datatype.includes("INT");
}

/**
 * How rows are put to a model, from what its server says of it and the names that the user gave.
 *
 * @param configured - names of the columns, for a model with one matrix.
 * @param dataset - the dataset's columns, whose order is taken where there are no names.
 * @param wanted - which output, as in the setting OUTPUT.
 * @throws Error that says what does not fit, as the end of a sentence.
 */
export function remoteSignature(
  metadata: ModelMetadata,
  configured: readonly string[] | undefined,
  dataset?: readonly string[],
  wanted?: string,
): RemoteSignature {
  return { ...inputsOf(metadata.inputs ?? [], configured, dataset), ...outputOf(metadata.outputs ?? [], wanted) };
}

function inputsOf(
  declared: readonly DeclaredTensor[],
  configured: readonly string[] | undefined,
  dataset: readonly string[] | undefined,
): Omit<RemoteSignature, "output" | "index"> {
  const odd = declared.find(({ datatype }) => !NUMERIC.test(datatype));
  if (odd !== undefined) throw new Error(`its input ${odd.name} takes ${odd.datatype}; only numbers can be sent`);
  const [first, second] = declared;
  if (second === undefined) return matrixInput(first ?? { name: "input-0", datatype: "FP32", shape: [-1, -1] }, configured, dataset);
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
  return { features, inputs, fixedRows: fixed(first?.shape[0]) };
}

function matrixInput(
  { name, datatype, shape }: DeclaredTensor,
  configured: readonly string[] | undefined,
  dataset: readonly string[] | undefined,
): Omit<RemoteSignature, "output" | "index"> {
  if (shape.length > 2) throw new Error(`its input ${name} has the shape [${shape.join(", ")}]; a matrix [rows, features] is needed`);
  const isColumn = shape.length === 1 && shape[0] === -1;
  // A server may declare one row, without the dimension of the batch.
  const width = isColumn ? 1 : fixed(shape.at(-1));
  const own = configured ?? (width === 1 ? [name] : undefined);
  const features = own ?? (width === undefined || width === dataset?.length ? dataset : undefined);
  if (features === undefined) {
    throw new Error(
      `its one input ${name} has ${width ?? "unnamed"} columns without names; name them in FEATURES, in the model's order, such as FEATURES=age,bmi`,
    );
  }
  if (width !== undefined && width !== features.length)
    throw new Error(`its input ${name} has ${width} columns, and FEATURES names ${features.length}: ${features.join(", ")}`);
  return {
    features,
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
  if (declared.length < 2) return { output: declared[0]?.name };
  const floating = declared.filter(({ datatype }) => FLOATING.test(datatype));
  const [only, other] = floating;
  if (only !== undefined && other === undefined) return { output: only.name };
  throw new Error(`it has ${declared.length} outputs, and none is the only one of floating point: ${listed}; choose one, with OUTPUT=NAME`);
}

/** Numbers of one row, where that is known. */
function elements({ shape }: DeclaredTensor): number {
  return shape.slice(1).reduce((product, size) => product * Math.max(1, size), 1);
}

function fixed(size: number | undefined): number | undefined {
  return size === undefined || size < 1 ? undefined : size;
}
