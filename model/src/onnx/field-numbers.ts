/**
 * Field numbers of the ONNX messages that this project reads and writes.
 *
 * Source: onnx/onnx.proto of the ONNX project, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 * (numbers never change once published). What is not listed here is skipped when a file is read.
 */
export const modelField = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  graph: 7,
  opsetImport: 8,
  metadataProps: 14,
  functions: 25,
} as const;

export const opsetField = { domain: 1, version: 2 } as const;

export const propertyField = { key: 1, value: 2 } as const;

export const graphField = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  sparseInitializer: 15,
} as const;

export const nodeField = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7, overload: 8 } as const;

/** FunctionProto: nodes that stand for one operator. */
export const functionField = { name: 1, input: 4, output: 5, node: 7, domain: 10, overload: 13 } as const;

export const attributeField = {
  name: 1,
  float: 2,
  integer: 3,
  text: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  integers: 8,
  texts: 9,
  tensors: 10,
  graphs: 11,
  type: 20,
} as const;

/** AttributeProto.AttributeType, of which these are written. */
export const attributeType = { float: 1, integer: 2, text: 3, tensor: 4, floats: 6, integers: 7, texts: 8 } as const;

export const tensorField = {
  dims: 1,
  dataType: 2,
  name: 8,
  rawData: 9,
  externalData: 13,
  dataLocation: 14,
} as const;

export const sparseTensorField = { values: 1, indices: 2 } as const;

/** TensorProto.DataLocation: the numbers stand in another file. */
export const EXTERNAL_DATA = 1;

export const valueField = { name: 1, type: 2 } as const;

export const typeField = { tensor: 1 } as const;

export const tensorTypeField = { elementType: 1, shape: 2 } as const;

export const shapeField = { dimension: 1 } as const;

export const dimensionField = { value: 1, parameter: 2 } as const;

/** TensorProto.DataType, of which these are used by name. */
export const elementType = {
  float32: 1,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;

/** Names of TensorProto.DataType by number, as ONNX users know them. */
const elementTypeNames: readonly string[] = [
  "undefined",
  "float32",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "float64",
  "uint32",
  "uint64",
  "complex64",
  "complex128",
  "bfloat16",
];

/** @returns the name of a TensorProto.DataType, such as `float32`; `type 99` for one without a name here. */
export function elementTypeName(code: number): string {
  return elementTypeNames[code] ?? `type ${code}`;
}
