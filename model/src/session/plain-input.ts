import { Tensor } from "onnxruntime-node";
import type { FeatureKind, FeatureValues } from "./feature-kind.js";
import { toFloat16 } from "./float16.js";
import type { Fed, InputStyle } from "./input-style.js";

/** What a tensor of one element type is made of. */
interface ElementType {
  readonly kind: FeatureKind;
  /** @param cells - row-major. */
  readonly tensor: (cells: readonly (number | string)[], dims: readonly number[]) => Tensor;
}

/** All element types that an input may have, by the names that onnx-fields.ts gives them. */
const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ["float32", { kind: "number", tensor: (cells, dims) => new Tensor("float32", Float32Array.from(cells, Number), dims) }],
  ["float64", { kind: "number", tensor: (cells, dims) => new Tensor("float64", Float64Array.from(cells, Number), dims) }],
  [
    "float16",
    {
      kind: "number",
      tensor: (cells, dims) =>
        new Tensor(
          "float16",
          Uint16Array.from(cells, (cell) => toFloat16(Number(cell))),
          dims,
        ),
    },
  ],
  [
    "int64",
    {
      kind: "int64",
      tensor: (cells, dims) =>
        new Tensor(
          "int64",
          BigInt64Array.from(cells, (cell) => BigInt(cell)),
          dims,
        ),
    },
  ],
  [
    "uint64",
    {
      kind: "uint64",
      tensor: (cells, dims) =>
        new Tensor(
          "uint64",
          BigUint64Array.from(cells, (cell) => BigInt(cell)),
          dims,
        ),
    },
  ],
  ["int32", { kind: "int32", tensor: (cells, dims) => new Tensor("int32", Int32Array.from(cells, Number), dims) }],
  ["uint32", { kind: "uint32", tensor: (cells, dims) => new Tensor("uint32", Uint32Array.from(cells, Number), dims) }],
  ["int16", { kind: "int16", tensor: (cells, dims) => new Tensor("int16", Int16Array.from(cells, Number), dims) }],
  ["uint16", { kind: "uint16", tensor: (cells, dims) => new Tensor("uint16", Uint16Array.from(cells, Number), dims) }],
  ["int8", { kind: "int8", tensor: (cells, dims) => new Tensor("int8", Int8Array.from(cells, Number), dims) }],
  ["uint8", { kind: "uint8", tensor: (cells, dims) => new Tensor("uint8", Uint8Array.from(cells, Number), dims) }],
  ["bool", { kind: "bool", tensor: (cells, dims) => new Tensor("bool", Uint8Array.from(cells, Number), dims) }],
  ["string", { kind: "text", tensor: (cells, dims) => new Tensor("string", cells.map(String), dims) }],
]);

/** @returns what values an input of this element type takes; undefined for a type that none can have. */
export function kindOf(type: string | undefined): FeatureKind | undefined {
  return type === undefined ? undefined : ELEMENT_TYPES.get(type)?.kind;
}

/**
 * @param type - one that `kindOf` knows.
 * @param cells - as many as the dimensions multiply to, row-major.
 */
export function plainTensor(type: string, cells: readonly (number | string)[], dims: readonly number[]): Tensor {
  const element = ELEMENT_TYPES.get(type);
  if (element === undefined) throw new Error(`no input can be of type ${type}`);
  return element.tensor(cells, dims);
}

/** An input of any element type: the general way, for those that no measured path needs. */
export class PlainInput implements InputStyle {
  readonly #type: string;
  readonly #dims: (callRows: number) => readonly number[];

  /** @param type - one that `kindOf` knows. @param dims - the input's dimensions in a call of so many rows. */
  constructor(type: string, dims: (callRows: number) => readonly number[]) {
    this.#type = type;
    this.#dims = dims;
  }

  feed(rows: number, columns: readonly FeatureValues[], callRows: number): Fed {
    const cells: (number | string)[] = [];
    for (let row = 0; row < callRows; row += 1) {
      const at = Math.min(row, rows - 1);
      for (const column of columns) cells.push(column[at] ?? "");
    }
    return { tensor: plainTensor(this.#type, cells, this.#dims(callRows)), done: () => undefined };
  }
}
