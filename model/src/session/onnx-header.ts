import {
  dimensionField,
  elementTypeName,
  EXTERNAL_DATA,
  graphField,
  modelField,
  propertyField,
  shapeField,
  tensorField,
  tensorTypeField,
  typeField,
  valueField,
} from "./onnx-fields.js";
import { bytesOf, integerOf, protobufFields, textOf } from "./protobuf-fields.js";

/** An input or output as the file declares it. */
export interface DeclaredValue {
  readonly name: string;
  /** Such as `float32`; undefined when it is no tensor but a sequence, map or optional. */
  readonly type: string | undefined;
  /** A number is a fixed size, a text (perhaps empty) one that is open; undefined when the rank is open too. */
  readonly shape: readonly (number | string)[] | undefined;
}

/** What an ONNX file says about itself before it is run. */
export interface OnnxHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** Without those that the file itself gives a value: up to IR 3 every constant was listed as an input too. */
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
  /** Whether constants of the main graph stand in a second file. */
  readonly externalData: boolean;
}

/**
 * Reads metadata, inputs and outputs from the bytes of an ONNX file. ONNX Runtime for Node does not expose
 * `metadata_props`, and inputs are wanted before a session exists, to refuse a model in words of its user.
 *
 * @throws Error when the bytes are not a protobuf message or have no graph.
 */
export function readOnnxHeader(bytes: Uint8Array): OnnxHeader {
  const metadata = new Map<string, string>();
  let graph: Uint8Array | undefined;
  let irVersion = 0;
  for (const field of protobufFields(bytes)) {
    if (field[0] === modelField.irVersion) irVersion = integerOf(field);
    else if (field[0] === modelField.graph) graph = bytesOf(field);
    else if (field[0] === modelField.metadataProps) {
      const [key, value] = readProperty(bytesOf(field));
      metadata.set(key, value);
    }
  }
  // Protobuf has no mark at its start: short text can pass for a message, but not for one with these two.
  if (graph === undefined || irVersion < 1) throw new Error("no ONNX graph in these bytes");
  return { metadata, ...readGraph(graph) };
}

function readProperty(bytes: Uint8Array): [key: string, value: string] {
  let key = "";
  let value = "";
  for (const field of protobufFields(bytes)) {
    if (field[0] === propertyField.key) key = textOf(field);
    else if (field[0] === propertyField.value) value = textOf(field);
  }
  return [key, value];
}

function readGraph(bytes: Uint8Array): Omit<OnnxHeader, "metadata"> {
  const inputs: DeclaredValue[] = [];
  const outputs: DeclaredValue[] = [];
  const constants = new Set<string>();
  let externalData = false;
  for (const field of protobufFields(bytes)) {
    if (field[0] === graphField.input) inputs.push(readValue(bytesOf(field)));
    else if (field[0] === graphField.output) outputs.push(readValue(bytesOf(field)));
    else if (field[0] === graphField.initializer) {
      const constant = readConstant(bytesOf(field));
      constants.add(constant.name);
      externalData ||= constant.external;
    }
  }
  return {
    inputs: inputs.filter((input) => !constants.has(input.name)),
    outputs,
    externalData,
  };
}

function readConstant(bytes: Uint8Array): { name: string; external: boolean } {
  let name = "";
  let external = false;
  for (const field of protobufFields(bytes)) {
    if (field[0] === tensorField.name) name = textOf(field);
    else if (field[0] === tensorField.dataLocation) external = integerOf(field) === EXTERNAL_DATA;
  }
  return { name, external };
}

function readValue(bytes: Uint8Array): DeclaredValue {
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
      if (part[0] === dimensionField.value) size = integerOf(part);
      else if (part[0] === dimensionField.parameter) size = textOf(part);
    }
    shape.push(size);
  }
  return shape;
}
