import { modelField, opsetField } from "./field-numbers.js";
import { readFunction, readGraph, readProperty, type OnnxGraph, type Subgraph } from "./graph.js";
import { bytesOf, integerOf, protobufFields, textOf } from "./protobuf-fields.js";

/** What an ONNX file says about itself before it is run. */
export interface OnnxHeader extends OnnxGraph {
  readonly irVersion: number;
  /** Name and version of what wrote the file; perhaps empty. */
  readonly producer: string;
  /** Operator sets by domain; that of ONNX itself is `ai.onnx`. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Functions of the model, which its nodes call like operators; by `operatorKey`. */
  readonly functions: ReadonlyMap<string, Subgraph>;
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
  const functions = new Map<string, Subgraph>();
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
    else if (field[0] === modelField.functions) functions.set(...readFunction(bytesOf(field), external));
  }
  // Protobuf has no mark at its start: short text can pass for a message, but not for one with these two.
  if (graph === undefined || irVersion < 1) throw new Error("no ONNX graph in these bytes");
  const { inputs, outputs, nodes } = readGraph(graph, external);
  const externalFiles = [...external];
  return { irVersion, producer: producer.join(" ").trim(), opsets, metadata, inputs, outputs, nodes, functions, externalFiles };
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
