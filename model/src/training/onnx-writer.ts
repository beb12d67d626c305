import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
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
} from "../session/onnx-fields.js";

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  readonly type: keyof typeof elementType;
  /** A number is a fixed size, a text the name of a size that is known only when the model runs. */
  readonly shape: readonly (number | string)[];
}

/** One operation without attributes; inputs and outputs are connected by name. */
export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Constant numbers of a graph, stored as float32. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major, as many as `shape` says. */
  readonly values: ArrayLike<number>;
}

/** What this project writes into an ONNX file: one graph of operators of the default domain. */
export interface OnnxFile {
  readonly irVersion: number;
  /** Version of the default operator set, ai.onnx. */
  readonly opset: number;
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
  message(model, modelField.opsetImport, (opset) => {
    text(opset, opsetField.domain, "");
    integer(opset, opsetField.version, file.opset);
  });
  for (const [key, value] of Object.entries(file.metadata)) {
    message(model, modelField.metadataProps, (property) => {
      text(property, propertyField.key, key);
      text(property, propertyField.value, value);
    });
  }
  return model.finish();
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
}

function writeConstant(into: BinaryWriter, constant: OnnxConstant): void {
  for (const size of constant.shape) integer(into, tensorField.dims, size);
  integer(into, tensorField.dataType, elementType.float32);
  text(into, tensorField.name, constant.name);
  into.tag(tensorField.rawData, WireType.LengthDelimited).bytes(littleEndianFloats(constant.values));
}

function writeValue(into: BinaryWriter, value: OnnxValue): void {
  text(into, valueField.name, value.name);
  message(into, valueField.type, (type) => {
    message(type, typeField.tensor, (tensor) => {
      integer(tensor, tensorTypeField.elementType, elementType[value.type]);
      message(tensor, tensorTypeField.shape, (shape) => {
        for (const size of value.shape) {
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

/** ONNX wants raw_data little-endian whatever the machine; a Float32Array has the machine's order. */
function littleEndianFloats(values: ArrayLike<number>): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 * values.length));
  for (const [index, value] of Array.from(values).entries()) {
    bytes.setFloat32(4 * index, value, true);
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
