import { elementsOf, pathOfElement, quote, TensorDataError, type Datatype } from "@streamgauge/core";
import { MAX_FEATURES } from "../ingress/row-table.js";
import type { ServedModel } from "../served-model.js";
import type { Features } from "./prediction.js";
import { cellOfElement, elementsOfDatatype } from "./tensor-element.js";

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

/** The most rows of one request. */
const MAX_ROWS = 1_024;

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
): Features[] {
  const [first] = tensors;
  const [rows = 0] = first?.shape ?? [];
  if (rows > MAX_ROWS) throw new InferenceRequestError(`${rows} rows: at most ${MAX_ROWS} are taken at once. Use a job for more.`);
  const made: Record<string, number | string>[] = Array.from({ length: rows }, () => ({}));
  const owners = new Map<string, Tensor>();
  for (const tensor of tensors) {
    if (tensor.shape[0] !== rows)
      throw new InferenceRequestError(`${named(tensor)} has ${tensor.shape[0]} rows, and tensor ${quote(first?.name)} has ${rows}.`);
    const names = namesOf(tensor, tensors.length, order);
    for (const name of names) claim(name, tensor, owners);
    requireKinds(tensor, names, model);
    fill(made, names, cellsOf(tensor));
  }
  return made;
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

function cellsOf(tensor: Tensor): (number | string)[] {
  const { datatype, data, shape } = tensor;
  try {
    return elementsOf(data, shape).map((element, place) => {
      const cell = cellOfElement(element, datatype);
      if (cell !== undefined) return cell;
      const path = pathOfElement(place, data, shape);
      throw new InferenceRequestError(
        `${named(tensor)}: ${path} is ${quote(element)}, and ${datatype} holds ${elementsOfDatatype(datatype)}.`,
      );
    });
  } catch (error) {
    if (error instanceof TensorDataError) throw new InferenceRequestError(`${named(tensor)}: ${error.message}.`, { cause: error });
    throw error;
  }
}

function fill(rows: readonly Record<string, number | string>[], names: readonly string[], cells: readonly (number | string)[]): void {
  for (const [row, made] of rows.entries()) {
    for (const [column, name] of names.entries()) {
      const value = cells[row * names.length + column];
      // A feature may be named __proto__.
      Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
    }
  }
}

function named({ name }: Tensor): string {
  return `Tensor ${quote(name)}`;
}
