import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { graphField, modelField } from "./field-numbers.js";
import { readValue } from "./declared-value.js";
import { protobufParts } from "./protobuf-fields.js";

/** What stays of the main graph. */
export interface Extract {
  /** By a node's place in the graph. */
  readonly node: (at: number) => boolean;
  readonly input: (name: string) => boolean;
  readonly output: (name: string) => boolean;
}

/**
 * Makes a model that computes less: ONNX Runtime runs every node of a file and asks for every input of it, whichever
 * outputs are wanted.
 *
 * @param bytes - an ONNX file that `readOnnxHeader` reads.
 * @returns the file without the nodes, inputs and outputs that do not stay; all else byte for byte.
 */
export function extractModel(bytes: Uint8Array, stays: Extract): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { field, whole, content } of protobufParts(bytes)) {
    if (field !== modelField.graph || content === undefined) {
      parts.push(whole);
      continue;
    }
    const graph = graphParts(content, stays);
    const length = graph.reduce((sum, part) => sum + part.length, 0);
    parts.push(new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish(), ...graph);
  }
  return Buffer.concat(parts);
}

function graphParts(graph: Uint8Array, stays: Extract): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let node = 0;
  for (const { field, whole, content } of protobufParts(graph)) {
    if (field === graphField.node && !stays.node(node++)) continue;
    if (field === graphField.input && content !== undefined && !stays.input(readValue(content).name)) continue;
    if (field === graphField.output && content !== undefined && !stays.output(readValue(content).name)) continue;
    parts.push(whole);
  }
  return parts;
}
