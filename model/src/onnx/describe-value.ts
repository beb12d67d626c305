import type { DeclaredValue } from "./declared-value.js";

/** An input or output as its user knows it: `X (float32 [N, 10])`. */
export function describeValue({ name, type, shape }: DeclaredValue): string {
  return `${name} (${type === undefined ? "a sequence or map" : `${type} ${describeShape(shape)}`})`;
}

/** Such as `[N, 10]`; a size that is open and has no name is `?`. */
export function describeShape(shape: DeclaredValue["shape"]): string {
  return shape === undefined ? "of any shape" : `[${shape.map((size) => (size === "" ? "?" : size)).join(", ")}]`;
}
