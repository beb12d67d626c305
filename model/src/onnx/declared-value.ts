import { dimensionField, elementTypeName, shapeField, tensorTypeField, typeField, valueField } from "./field-numbers.js";
import { bytesOf, integerOf, protobufFields, textOf } from "./protobuf-fields.js";

/** An input or output as the file declares it. */
export interface DeclaredValue {
  readonly name: string;
  /** Such as `float32`; undefined when it is no tensor but a sequence, map or optional. */
  readonly type: string | undefined;
  /** A number is a fixed size, a text (perhaps empty) one that is open; undefined when the rank is open too. */
  readonly shape: readonly (number | string)[] | undefined;
}

/** @returns the input or output that a ValueInfoProto declares. */
export function readValue(bytes: Uint8Array): DeclaredValue {
  let name = "";
  let tensor: Pick<DeclaredValue, "type" | "shape"> = { type: undefined, shape: undefined };
  for (const field of protobufFields(bytes)) {
    if (field[0] === valueField.name) name = textOf(field);
    else if (field[0] === valueField.type) tensor = readType(bytesOf(field));
  }
  return { name, ...tensor };
}

function readType(bytes: Uint8Array): Pick<DeclaredValue, "type" | "shape"> {
  let type: string | undefined;
  let shape: (number | string)[] | undefined;
  for (const field of protobufFields(bytes)) {
    if (field[0] !== typeField.tensor) continue;
    for (const part of protobufFields(bytesOf(field))) {
      if (part[0] === tensorTypeField.elementType) type = elementTypeName(integerOf(part));
      else if (part[0] === tensorTypeField.shape) shape = readShape(bytesOf(part));
    }
  }
  return { type, shape };
}

function readShape(bytes: Uint8Array): (number | string)[] {
  const shape: (number | string)[] = [];
  for (const field of protobufFields(bytes)) {
    if (field[0] !== shapeField.dimension) continue;
    let size: number | string = "";
    for (const part of protobufFields(bytesOf(field))) {
      // Some converters write -1 or 0 for a size that is open.
      if (part[0] === dimensionField.value) size = integerOf(part) > 0 ? integerOf(part) : "";
      else if (part[0] === dimensionField.parameter) size = textOf(part);
    }
    shape.push(size);
  }
  return shape;
}
