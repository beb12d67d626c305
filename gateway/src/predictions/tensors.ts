import type { Features } from "./prediction.js";

/** Input tensors that are no rows. */
export class TensorError extends Error {
  override readonly name = "TensorError";
}

/** A tensor of the Open Inference Protocol; its data are flat, row after row, or nested. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data: readonly (Value | readonly Value[])[];
}

type Value = number | string | boolean;

/** Rows of one request. */
const MAX_ROWS = 1_024;

/**
 * The rows in input tensors: one tensor per feature, of shape [n] or [n, 1], or one of shape [n, d] for all.
 *
 * @param order - names of the features in a tensor of shape [n, d].
 * @throws TensorError
 */
export function rowsOfTensors(tensors: readonly Tensor[], order: readonly string[]): Features[] {
  const [first] = tensors;
  if (first === undefined) throw new TensorError("There are no inputs.");
  const rows = first.shape[0] ?? 0;
  if (rows > MAX_ROWS) throw new TensorError(`${rows} rows: at most ${MAX_ROWS} are taken at once. Use a job for more.`);
  const made: Record<string, number | string>[] = Array.from({ length: rows }, () => ({}));
  for (const tensor of tensors) {
    const width = tensor.shape[1] ?? 1;
    const names = width === 1 && (tensors.length > 1 || order.length !== 1) ? [tensor.name] : order;
    if (tensor.shape[0] !== rows) throw new TensorError(`${tensor.name} has ${tensor.shape[0]} rows, ${first.name} has ${rows}.`);
    if (names.length !== width) throw new TensorError(unknownOrder(tensor.name, width, order));
    const values = tensor.data.flat();
    if (values.length !== rows * width)
      throw new TensorError(`${tensor.name} has ${values.length} values for the shape ${tensor.shape.join(" x ")}.`);
    for (const [i, value] of values.entries()) {
      const row = made[Math.floor(i / width)];
      const name = names[i % width] ?? "";
      if (row !== undefined)
        Object.defineProperty(row, name, { value: cellOf(value, tensor), enumerable: true, configurable: true, writable: true });
    }
  }
  return made;
}

function unknownOrder(name: string, width: number, order: readonly string[]): string {
  const wanted =
    order.length === 0
      ? 'say their names in parameters, {"features": "age,sex,…"}'
      : `the features are ${order.length}: ${order.join(", ")}`;
  return `${name} has ${width} columns; ${wanted}, or send one tensor per feature.`;
}

function cellOf(value: Value, { name, datatype }: Tensor): number | string {
  const isText = datatype === "BYTES";
  if (typeof value === "boolean" && datatype === "BOOL") return Number(value);
  if (typeof value === "string" && isText) return value;
  if (typeof value === "number" && !isText && datatype !== "BOOL") return value;
  throw new TensorError(`${name} is ${datatype}, and has a value that is none.`);
}
