import { elementsOf, kindOf, pathOfElement, quote, TensorDataError, type Datatype } from "@streamgauge/core";
import { MAX_FEATURES } from "../ingress/row-table.js";
import type { ServedModel } from "../served-model.js";
import { elementsOfDatatype, numberReader, textIn } from "./tensor-element.js";

/** An inference request without valid rows. The message names the tensor, the fault and what to do. */
export class InferenceRequestError extends Error {
  override readonly name = "InferenceRequestError";
  readonly statusCode = 400;
}

/** A tensor of the Open Inference Protocol; its data are flat, row by row, or nested. */
export interface Tensor {
  readonly name: string;
  /** [rows] or [rows, features] */
  readonly shape: readonly number[];
  readonly datatype: Datatype;
  readonly data: readonly unknown[];
}

/** Rows of an inference request, in columns of shape [rows]: numbers, or text. */
export interface TensorRows {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Float64Array | readonly string[]>;
}

/** The most rows of one request. */
export const MAX_ROWS = 1_024;

/**
 * The rows in input tensors: one tensor per feature, of shape [n] or [n, 1], or one of shape [n, d] for all.
 *
 * @param order - names of the features in a tensor of shape [n, d].
 * @param model - the model's features, if known.
 * @throws InferenceRequestError
 */
export function rowsOfTensors(
  tensors: readonly Tensor[],
  order: readonly string[],
  model: Pick<ServedModel, "features" | "kinds">,
): TensorRows {
  const [first] = tensors;
  const [rows = 0] = first?.shape ?? [];
  if (rows > MAX_ROWS) throw new InferenceRequestError(`${rows} rows: at most ${MAX_ROWS} are taken at once. Use a job for more.`);
  const columns = new Map<string, Float64Array | readonly string[]>();
  const owners = new Map<string, Tensor>();
  for (const tensor of tensors) {
    if (tensor.shape[0] !== rows)
      throw new InferenceRequestError(`${named(tensor)} has ${tensor.shape[0]} rows, and tensor ${quote(first?.name)} has ${rows}.`);
    const names = namesOf(tensor, tensors.length, order);
    for (const name of names) claim(name, tensor, owners);
    requireKinds(tensor, names, model);
    const cells = columnsOf(tensor, rows, names.length);
    for (const [i, name] of names.entries()) columns.set(name, cells[i] ?? []);
  }
  return { rows, columns };
}

/** The features in the columns of a tensor. */
function namesOf(tensor: Tensor, tensors: number, order: readonly string[]): readonly string[] {
  const width = tensor.shape[1] ?? 1;
  const names = width === 1 && (tensors > 1 || order.length !== 1) ? [tensor.name] : order;
  if (names.length === width) return names;
  const wanted =
    order.length === 0
      ? 'say their names in parameters, {"features": "age,sex,…"}'
      : `the features are ${order.length}: ${order.join(", ").slice(0, 300)}`;
  throw new InferenceRequestError(`${named(tensor)} has ${width} columns; ${wanted}, or send one tensor per feature.`);
}

function claim(feature: string, tensor: Tensor, owners: Map<string, Tensor>): void {
  const owner = owners.get(feature);
  if (owner !== undefined) {
    const where =
      owner.name === tensor.name ? `two tensors named ${quote(owner.name)}` : `the tensors ${quote(owner.name)} and ${quote(tensor.name)}`;
    throw new InferenceRequestError(`The feature ${quote(feature)} is in ${where}: send each feature once.`);
  }
  owners.set(feature, tensor);
  if (owners.size > MAX_FEATURES) throw new InferenceRequestError(`A row has at most ${MAX_FEATURES} features.`);
}

/** If the model's kinds are known: text must be BYTES, and nothing else may be. */
function requireKinds(tensor: Tensor, names: readonly string[], { features, kinds }: Pick<ServedModel, "features" | "kinds">): void {
  for (const name of names) {
    const kind = kinds[features.indexOf(name)];
    if (kind === "text" && tensor.datatype !== "BYTES")
      throw new InferenceRequestError(
        `${named(tensor)} is ${tensor.datatype}, and the model takes text as ${quote(name)}: send a tensor of that name as BYTES.`,
      );
    if (tensor.datatype === "BYTES" && kind !== undefined && kind !== "text" && kind !== "bool")
      throw new InferenceRequestError(
        `${named(tensor)} is BYTES, which is text, and the model takes numbers as ${quote(name)}: send them as FP64.`,
      );
  }
}

/** The values of a tensor as columns. @throws InferenceRequestError for the first, row by row, that its datatype does not hold. */
function columnsOf(tensor: Tensor, rows: number, width: number): readonly (Float64Array | readonly string[])[] {
  const elements = elementsIn(tensor);
  const { datatype } = tensor;
  if (kindOf(datatype) === "text") {
    const texts = Array.from({ length: width }, (): string[] => []);
    read(tensor, elements, textIn, (place, text) => texts[place % width]?.push(text));
    return texts;
  }
  // Row by row: a column of its own is a typed array already.
  const numbers = new Float64Array(rows * width);
  read(tensor, elements, numberReader(datatype), (place, value) => {
    numbers[place] = value;
  });
  return width === 1 ? [numbers] : columnsOfMatrix(numbers, rows, width);
}

/** Reads each element. @throws InferenceRequestError for the first that its datatype does not hold. */
function read<T>(
  tensor: Tensor,
  elements: readonly unknown[],
  cellOf: (element: unknown) => T | undefined,
  take: (place: number, cell: T) => void,
): void {
  for (let place = 0; place < elements.length; place += 1) {
    const cell = cellOf(elements[place]);
    if (cell === undefined) throw unheld(tensor, elements[place], place);
    take(place, cell);
  }
}

function unheld(tensor: Tensor, element: unknown, place: number): InferenceRequestError {
  const { datatype, data, shape } = tensor;
  const path = pathOfElement(place, data, shape);
  return new InferenceRequestError(
    `${named(tensor)}: ${path} is ${quote(element)}, and ${datatype} holds ${elementsOfDatatype(datatype)}.`,
  );
}

function columnsOfMatrix(numbers: Float64Array, rows: number, width: number): Float64Array[] {
  return Array.from({ length: width }, (_, column) => {
    const values = new Float64Array(rows);
    for (let row = 0, place = column; row < rows; row += 1, place += width) values[row] = numbers[place] ?? Number.NaN;
    return values;
  });
}

function elementsIn(tensor: Tensor): readonly unknown[] {
  try {
    return elementsOf(tensor.data, tensor.shape);
  } catch (error) {
    if (error instanceof TensorDataError) throw new InferenceRequestError(`${named(tensor)}: ${error.message}.`, { cause: error });
    throw error;
  }
}

function named({ name }: Tensor): string {
  return `Tensor ${quote(name)}`;
}
