import {
  attributeField,
  dimensionField,
  elementTypeName,
  EXTERNAL_DATA,
  functionField,
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

/** An operation of the main graph. */
export interface GraphNode {
  readonly operator: string;
  /** Empty for the operators of ONNX itself. */
  readonly domain: string;
  /** Names of what it reads, in the graphs within it too. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The first category that an encoder of texts knows; undefined for other operations. */
  readonly category?: string;
}

/** What an ONNX file says about itself before it is run. */
export interface OnnxHeader {
  readonly irVersion: number;
  /** Name and version of what wrote the file; perhaps empty. */
  readonly producer: string;
  /** Operator sets by domain; that of ONNX itself is `ai.onnx`. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Without those that the file itself gives a value: up to IR 3 every constant was listed as an input too. */
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
  readonly nodes: readonly GraphNode[];
  /** Paths of the files in which constants stand, as the model names them: relative to its folder. */
  readonly externalFiles: readonly string[];
}

/**
 * Reads metadata, inputs, outputs and operations from the bytes of an ONNX file. ONNX Runtime for Node does not expose
 * `metadata_props`, and inputs are wanted before a session exists, to refuse a model in words of its user.
 *
 * @throws Error when the bytes are not a protobuf message or have no graph.
 */
export function readOnnxHeader(bytes: Uint8Array): OnnxHeader {
  const metadata = new Map<string, string>();
  const opsets = new Map<string, number>();
  const external = new Set<string>();
  const producer = ["", ""];
  let graph: Uint8Array | undefined;
  let irVersion = 0;
  for (const field of protobufFields(bytes)) {
    if (field[0] === modelField.irVersion) irVersion = integerOf(field);
    else if (field[0] === modelField.producerName) producer[0] = textOf(field);
    else if (field[0] === modelField.producerVersion) producer[1] = textOf(field);
    else if (field[0] === modelField.graph) graph = bytesOf(field);
    else if (field[0] === modelField.opsetImport) opsets.set(...readOpset(bytesOf(field)));
    else if (field[0] === modelField.metadataProps) metadata.set(...readProperty(bytesOf(field)));
    else if (field[0] === modelField.functions) readFunction(bytesOf(field), external);
  }
  // Protobuf has no mark at its start: short text can pass for a message, but not for one with these two.
  if (graph === undefined || irVersion < 1) throw new Error("no ONNX graph in these bytes");
  const contents = readGraph(graph, external);
  return { irVersion, producer: producer.join(" ").trim(), opsets, metadata, ...contents, externalFiles: [...external] };
}

function readOpset(bytes: Uint8Array): [domain: string, version: number] {
  let domain = "";
  let version = 0;
  for (const field of protobufFields(bytes)) {
    if (field[0] === opsetField.domain) domain = textOf(field);
    else if (field[0] === opsetField.version) version = integerOf(field);
  }
  return [domain === "" ? "ai.onnx" : domain, version];
}

function readFunction(bytes: Uint8Array, external: Set<string>): void {
  for (const field of protobufFields(bytes)) if (field[0] === functionField.node) readNode(bytesOf(field), external);
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

function readGraph(bytes: Uint8Array, external: Set<string>): Pick<OnnxHeader, "inputs" | "outputs" | "nodes"> {
  const inputs: DeclaredValue[] = [];
  const outputs: DeclaredValue[] = [];
  const nodes: GraphNode[] = [];
  const constants = new Set<string>();
  for (const field of protobufFields(bytes)) {
    if (field[0] === graphField.node) nodes.push(readNode(bytesOf(field), external));
    else if (field[0] === graphField.input) inputs.push(readValue(bytesOf(field)));
    else if (field[0] === graphField.output) outputs.push(readValue(bytesOf(field)));
    else if (field[0] === graphField.initializer) constants.add(readConstant(bytesOf(field), external));
  }
  return { inputs: inputs.filter((input) => !constants.has(input.name)), outputs, nodes };
}

/** Encoders of texts, and their attribute that lists the texts they know. */
const CATEGORIES: ReadonlyMap<string, string> = new Map([
  ["OneHotEncoder", "cats_strings"],
  ["CategoryMapper", "cats_strings"],
  ["LabelEncoder", "keys_strings"],
]);

function readNode(bytes: Uint8Array, external: Set<string>): GraphNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Uint8Array[] = [];
  let operator = "";
  let domain = "";
  for (const field of protobufFields(bytes)) {
    if (field[0] === nodeField.input) inputs.push(textOf(field));
    else if (field[0] === nodeField.output) outputs.push(textOf(field));
    else if (field[0] === nodeField.opType) operator = textOf(field);
    else if (field[0] === nodeField.attribute) attributes.push(bytesOf(field));
    else if (field[0] === nodeField.domain) domain = textOf(field);
  }
  const listed = CATEGORIES.get(operator);
  let category: string | undefined;
  // The attributes of a forest are millions of numbers, each a field of its own.
  if (listed !== undefined || !operator.startsWith("TreeEnsemble")) {
    for (const attribute of attributes) {
      const within = readAttribute(attribute, listed, external);
      inputs.push(...within.inputs);
      category ??= within.category;
    }
  }
  return { operator, domain, inputs, outputs, ...(category === undefined ? {} : { category }) };
}

function readAttribute(bytes: Uint8Array, listed: string | undefined, external: Set<string>) {
  const inputs: string[] = [];
  let name = "";
  let text: string | undefined;
  for (const field of protobufFields(bytes)) {
    if (field[0] === attributeField.name) name = textOf(field);
    else if (field[0] === attributeField.texts && listed === name) text ??= Buffer.from(bytesOf(field)).toString("utf8");
    else if (field[0] === attributeField.tensor || field[0] === attributeField.tensors) readConstant(bytesOf(field), external);
    else if (field[0] === attributeField.graph || field[0] === attributeField.graphs) {
      for (const node of readGraph(bytesOf(field), external).nodes) inputs.push(...node.inputs);
    }
  }
  return { inputs, category: text };
}

/** @returns the name of a constant; the file in which it stands, if it is another one, is noted. */
function readConstant(bytes: Uint8Array, files: Set<string>): string {
  let name = "";
  let location: string | undefined;
  let external = false;
  for (const field of protobufFields(bytes)) {
    if (field[0] === tensorField.name) name = textOf(field);
    else if (field[0] === tensorField.dataLocation) external = integerOf(field) === EXTERNAL_DATA;
    else if (field[0] === tensorField.externalData) {
      const [key, value] = readProperty(bytesOf(field));
      if (key === "location") location = value;
    }
  }
  if (external) files.add(location ?? "");
  return name;
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
      // Some converters write -1 or 0 for a size that is open.
      if (part[0] === dimensionField.value) size = integerOf(part) > 0 ? integerOf(part) : "";
      else if (part[0] === dimensionField.parameter) size = textOf(part);
    }
    shape.push(size);
  }
  return shape;
}
