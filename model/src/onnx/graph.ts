import {
  attributeField,
  EXTERNAL_DATA,
  functionField,
  graphField,
  nodeField,
  propertyField,
  sparseTensorField,
  tensorField,
} from "./field-numbers.js";
import { readValue, type DeclaredValue } from "./declared-value.js";
import { bytesOf, integerOf, protobufFields, textOf } from "./protobuf-fields.js";

/** An operation of a graph. */
export interface GraphNode {
  readonly operator: string;
  /** Empty for the operators of ONNX itself. */
  readonly domain: string;
  /** Tells functions of one name apart; mostly absent. */
  readonly overload?: string;
  /** Names of what it reads; empty for an optional one that is left out. */
  readonly inputs: readonly string[];
  /** Names of what it gives; empty for one that nothing reads. */
  readonly outputs: readonly string[];
  /** Graphs that it runs, such as the branches of an If: they read values of the graphs around them by name. */
  readonly graphs?: readonly Subgraph[];
  /** The first category that an encoder of texts knows; undefined for other operations. */
  readonly category?: string;
}

/** The names and operations of a graph within a node, or of a function of the model. */
export interface Subgraph {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly GraphNode[];
  /** Names that have a value of their own within it. */
  readonly constants: ReadonlySet<string>;
}

/** The main graph. */
export interface OnnxGraph {
  /** Without those that the file itself gives a value: up to IR 3 every constant was listed as an input too. */
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
  readonly nodes: readonly GraphNode[];
}

/**
 * Reads a graph without its numbers: constants are passed over in one step, however large.
 *
 * @param external - takes the paths of the files in which constants stand.
 */
export function readGraph(bytes: Uint8Array, external: Set<string>): OnnxGraph & { readonly constants: ReadonlySet<string> } {
  const inputs: DeclaredValue[] = [];
  const outputs: DeclaredValue[] = [];
  const nodes: GraphNode[] = [];
  const constants = new Set<string>();
  for (const field of protobufFields(bytes)) {
    if (field[0] === graphField.node) nodes.push(readNode(bytesOf(field), external));
    else if (field[0] === graphField.input) inputs.push(readValue(bytesOf(field)));
    else if (field[0] === graphField.output) outputs.push(readValue(bytesOf(field)));
    else if (field[0] === graphField.initializer) constants.add(readConstant(bytesOf(field), external));
    else if (field[0] === graphField.sparseInitializer) constants.add(readSparse(bytesOf(field), external));
  }
  return { inputs: inputs.filter((input) => !constants.has(input.name)), outputs, nodes, constants };
}

/** @returns a function of the model, and the key under which `operatorKey` finds it. */
export function readFunction(bytes: Uint8Array, external: Set<string>): readonly [key: string, body: Subgraph] {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: GraphNode[] = [];
  const named = { operator: "", domain: "", overload: "" };
  for (const field of protobufFields(bytes)) {
    if (field[0] === functionField.name) named.operator = textOf(field);
    else if (field[0] === functionField.domain) named.domain = textOf(field);
    else if (field[0] === functionField.overload) named.overload = textOf(field);
    else if (field[0] === functionField.input) inputs.push(textOf(field));
    else if (field[0] === functionField.output) outputs.push(textOf(field));
    else if (field[0] === functionField.node) nodes.push(readNode(bytesOf(field), external));
  }
  return [operatorKey(named), { inputs, outputs, nodes, constants: new Set() }];
}

/** What an operation and the function that it calls have in common. */
export function operatorKey({ domain, operator, overload = "" }: Pick<GraphNode, "domain" | "operator" | "overload">): string {
  return [domain === "ai.onnx" ? "" : domain, operator, overload].join("\n");
}

/** @returns one key and its value of a StringStringEntryProto. */
export function readProperty(bytes: Uint8Array): [key: string, value: string] {
  let key = "";
  let value = "";
  for (const field of protobufFields(bytes)) {
    if (field[0] === propertyField.key) key = textOf(field);
    else if (field[0] === propertyField.value) value = textOf(field);
  }
  return [key, value];
}

/** Encoders of texts, and their attributes that list the texts they know. */
const CATEGORIES: ReadonlyMap<string, readonly string[]> = new Map([
  ["OneHotEncoder", ["cats_strings"]],
  ["CategoryMapper", ["cats_strings"]],
  // Before version 2 of ai.onnx.ml, and since.
  ["LabelEncoder", ["classes_strings", "keys_strings"]],
]);

function readNode(bytes: Uint8Array, external: Set<string>): GraphNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Uint8Array[] = [];
  let operator = "";
  let domain = "";
  let overload = "";
  for (const field of protobufFields(bytes)) {
    if (field[0] === nodeField.input) inputs.push(textOf(field));
    else if (field[0] === nodeField.output) outputs.push(textOf(field));
    else if (field[0] === nodeField.opType) operator = textOf(field);
    else if (field[0] === nodeField.attribute) attributes.push(bytesOf(field));
    else if (field[0] === nodeField.domain) domain = textOf(field);
    else if (field[0] === nodeField.overload) overload = textOf(field);
  }
  const { graphs, category } = readAttributes(operator, attributes, external);
  return {
    operator,
    domain,
    ...(overload === "" ? {} : { overload }),
    inputs,
    outputs,
    ...(graphs.length === 0 ? {} : { graphs }),
    ...(category === undefined ? {} : { category }),
  };
}

function readAttributes(operator: string, attributes: readonly Uint8Array[], external: Set<string>) {
  const graphs: Subgraph[] = [];
  let category: string | undefined;
  // The attributes of a forest are millions of numbers, each a field of its own.
  if (operator.startsWith("TreeEnsemble")) return { graphs, category };
  const listed = CATEGORIES.get(operator) ?? [];
  for (const attribute of attributes) {
    const within = readAttribute(attribute, listed, external);
    graphs.push(...within.graphs);
    category ??= within.category;
  }
  return { graphs, category };
}

function readAttribute(bytes: Uint8Array, listed: readonly string[], external: Set<string>) {
  const graphs: Subgraph[] = [];
  let name = "";
  let category: string | undefined;
  for (const field of protobufFields(bytes)) {
    if (field[0] === attributeField.name) name = textOf(field);
    else if (field[0] === attributeField.texts && listed.includes(name)) category ??= Buffer.from(bytesOf(field)).toString("utf8");
    else if (field[0] === attributeField.tensor || field[0] === attributeField.tensors) readConstant(bytesOf(field), external);
    else if (field[0] === attributeField.graph || field[0] === attributeField.graphs) graphs.push(readSubgraph(bytesOf(field), external));
  }
  return { graphs, category };
}

function readSubgraph(bytes: Uint8Array, external: Set<string>): Subgraph {
  const { inputs, outputs, nodes, constants } = readGraph(bytes, external);
  return { inputs: inputs.map(({ name }) => name), outputs: outputs.map(({ name }) => name), nodes, constants };
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

/** A sparse constant has the name of the tensor of its values. */
function readSparse(bytes: Uint8Array, files: Set<string>): string {
  let name = "";
  for (const field of protobufFields(bytes)) {
    if (field[0] === sparseTensorField.values) name = readConstant(bytesOf(field), files);
    else if (field[0] === sparseTensorField.indices) readConstant(bytesOf(field), files);
  }
  return name;
}
