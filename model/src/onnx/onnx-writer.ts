import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  attributeField,
  attributeType,
  dimensionField,
  elementType,
  graphField,
  modelField,
  nodeField,
  opsetField,
  propertyField,
  shapeField,
  tensorField,
  tensorTypeField,
  typeField,
  valueField,
} from "../onnx/field-numbers.js";

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  /** Of its elements; left out: what its node gives, which need not be a tensor. */
  readonly type?: keyof typeof elementType;
  /** A number is a fixed size, a text the name of a size that is known only when the model runs; left out: any rank. */
  readonly shape?: readonly (number | string)[];
}

/** A setting of an operation: one value, or a list of them. */
export type OnnxAttribute =
  | { readonly integer: number }
  | { readonly float: number }
  | { readonly integers: readonly number[] }
  | { readonly floats: ArrayLike<number> }
  | { readonly texts: readonly string[] };

/** One operation; inputs and outputs are connected by name. */
export interface OnnxNode {
  readonly operator: string;
  /** Left out: the operators of ONNX itself. */
  readonly domain?: typeof ML_DOMAIN;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** Constant numbers of a graph. */
export interface OnnxConstant {
  readonly name: string;
  /** Left out: float32. */
  readonly type?: "float32" | "float64" | "int64";
  readonly shape: readonly number[];
  /** Row-major, as many as `shape` says. */
  readonly values: ArrayLike<number>;
}

/** The domain of the operators of classical machine learning, such as tree ensembles. */
export const ML_DOMAIN = "ai.onnx.ml";

/** What this project writes into an ONNX file: one graph. */
export interface OnnxFile {
  readonly irVersion: number;
  /** Version of the default operator set, ai.onnx. */
  readonly opset: number;
  /** Version of the operator set ai.onnx.ml, if nodes are of it. */
  readonly mlOpset?: number;
  readonly producer: string;
  readonly graph: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxConstant[];
  readonly nodes: readonly OnnxNode[];
  /** `metadata_props`, written in this order. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * @returns the bytes of an ONNX file. The same input gives the same bytes: no time, no machine, and fields in
 * the order of their numbers.
 */
export function writeOnnx(file: OnnxFile): Uint8Array {
  const model = new BinaryWriter();
  integer(model, modelField.irVersion, file.irVersion);
  text(model, modelField.producerName, file.producer);
  message(model, modelField.graph, (graph) => writeGraph(graph, file));
  writeOpset(model, "", file.opset);
  if (file.mlOpset !== undefined) writeOpset(model, ML_DOMAIN, file.mlOpset);
  for (const [key, value] of Object.entries(file.metadata)) {
    message(model, modelField.metadataProps, (property) => {
      text(property, propertyField.key, key);
      text(property, propertyField.value, value);
    });
  }
  return model.finish();
}

function writeOpset(model: BinaryWriter, domain: string, version: number): void {
  message(model, modelField.opsetImport, (opset) => {
    text(opset, opsetField.domain, domain);
    integer(opset, opsetField.version, version);
  });
}

function writeGraph(graph: BinaryWriter, file: OnnxFile): void {
  for (const node of file.nodes) {
    message(graph, graphField.node, (into) => writeNode(into, node));
  }
  text(graph, graphField.name, file.graph);
  for (const constant of file.constants) {
    message(graph, graphField.initializer, (into) => writeConstant(into, constant));
  }
  for (const input of file.inputs) {
    message(graph, graphField.input, (into) => writeValue(into, input));
  }
  for (const output of file.outputs) {
    message(graph, graphField.output, (into) => writeValue(into, output));
  }
}

function writeNode(into: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) text(into, nodeField.input, input);
  for (const output of node.outputs) text(into, nodeField.output, output);
  text(into, nodeField.name, node.outputs.join(","));
  text(into, nodeField.opType, node.operator);
  for (const [name, attribute] of Object.entries(node.attributes ?? {})) {
    message(into, nodeField.attribute, (part) => writeAttribute(part, name, attribute));
  }
  if (node.domain !== undefined) text(into, nodeField.domain, node.domain);
}

/** Numbers of a list are packed, which every reader of protobuf takes and which is a fraction of the time to read. */
function writeAttribute(into: BinaryWriter, name: string, attribute: OnnxAttribute): void {
  text(into, attributeField.name, name);
  const bytes = (field: number, value: Uint8Array) => into.tag(field, WireType.LengthDelimited).bytes(value);
  const type = (kind: keyof typeof attributeType) => integer(into, attributeField.type, attributeType[kind]);
  if ("integer" in attribute) {
    integer(into, attributeField.integer, attribute.integer);
    type("integer");
  } else if ("float" in attribute) {
    into.tag(attributeField.float, WireType.Bit32).float(attribute.float);
    type("float");
  } else if ("floats" in attribute) {
    bytes(attributeField.floats, littleEndian(attribute.floats, "float32"));
    type("floats");
  } else if ("integers" in attribute) {
    const packed = new BinaryWriter();
    for (const value of attribute.integers) packed.int64(value);
    bytes(attributeField.integers, packed.finish());
    type("integers");
  } else {
    for (const value of attribute.texts) text(into, attributeField.texts, value);
    type("texts");
  }
}

function writeConstant(into: BinaryWriter, constant: OnnxConstant): void {
  for (const size of constant.shape) integer(into, tensorField.dims, size);
  const { type = "float32" } = constant;
  integer(into, tensorField.dataType, elementType[type]);
  text(into, tensorField.name, constant.name);
  into.tag(tensorField.rawData, WireType.LengthDelimited).bytes(littleEndian(constant.values, type));
}

function writeValue(into: BinaryWriter, value: OnnxValue): void {
  const { name, type: element, shape: sizes } = value;
  text(into, valueField.name, name);
  if (element === undefined) return;
  message(into, valueField.type, (type) => {
    message(type, typeField.tensor, (tensor) => {
      integer(tensor, tensorTypeField.elementType, elementType[element]);
      if (sizes === undefined) return;
      message(tensor, tensorTypeField.shape, (shape) => {
        for (const size of sizes) {
          message(shape, shapeField.dimension, (dimension) => {
            if (typeof size === "number") {
              integer(dimension, dimensionField.value, size);
            } else {
              text(dimension, dimensionField.parameter, size);
            }
          });
        }
      });
    });
  });
}

/** ONNX wants raw_data little-endian whatever the machine; a typed array has the machine's order. */
function littleEndian(values: ArrayLike<number>, type: "float32" | "float64" | "int64"): Uint8Array {
  const size = type === "float32" ? 4 : 8;
  const bytes = new DataView(new ArrayBuffer(size * values.length));
  for (const [index, value] of Array.from(values).entries()) {
    if (type === "float32") bytes.setFloat32(size * index, value, true);
    else if (type === "float64") bytes.setFloat64(size * index, value, true);
    else bytes.setBigInt64(size * index, BigInt(value), true);
  }
  return new Uint8Array(bytes.buffer);
}

function integer(into: BinaryWriter, field: number, value: number): void {
  into.tag(field, WireType.Varint).int64(value);
}

function text(into: BinaryWriter, field: number, value: string): void {
  into.tag(field, WireType.LengthDelimited).string(value);
}

function message(into: BinaryWriter, field: number, write: (into: BinaryWriter) => void): void {
  into.tag(field, WireType.LengthDelimited).fork();
  write(into);
  into.join();
}
