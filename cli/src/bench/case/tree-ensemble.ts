import { ProtobufMessage } from "./protobuf-message.js";
import { seededNumbers } from "./seeded-numbers.js";

/** A feature as the trees split it. */
export interface SplitFeature {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** Every level is full: 63 splits and 64 leaves at a depth of 6. */
const DEPTH = 6;
/** The first IR and operator sets that fit together, as old as every ONNX Runtime that is still in use. */
const VERSION = { ir: 8, operators: 13, treeOperators: 1 } as const;

/**
 * An ensemble of regression trees as an ONNX file: one TreeEnsembleRegressor (ai.onnx.ml), input float32 [N, features], output
 * float32 [N, 1]. Splits and leaves are drawn at random within the features' ranges and the target's: what a call costs
 * depends on the number and the depth of the trees, not on whether they predict well. The same input gives the same bytes.
 *
 * Sources: onnx.proto (field numbers), https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html (attributes).
 */
export function treeEnsemble(
  features: readonly SplitFeature[],
  trees: number,
  target: { readonly min: number; readonly max: number },
): Buffer {
  const node = new ProtobufMessage().text(1, "features").text(2, "y_pred").text(3, "trees").text(4, "TreeEnsembleRegressor");
  for (const attribute of attributesOf(features, trees, target)) node.message(5, attribute);
  node.text(7, "ai.onnx.ml");
  const graph = new ProtobufMessage()
    .message(1, node)
    .text(2, "forest")
    .message(11, matrix("features", features.length))
    .message(12, matrix("y_pred", 1));
  return new ProtobufMessage()
    .integer(1, VERSION.ir)
    .text(2, "streamgauge bench")
    .message(7, graph)
    .message(8, new ProtobufMessage().text(1, "").integer(2, VERSION.operators))
    .message(8, new ProtobufMessage().text(1, "ai.onnx.ml").integer(2, VERSION.treeOperators))
    .message(14, property("streamgauge.name", `forest of ${trees} trees`))
    .message(14, property("streamgauge.features", JSON.stringify(features.map(({ name }) => name))))
    .finish();
}

/** Node i of a tree has the children 2i + 1 and 2i + 2; the second half of the nodes are leaves. */
function attributesOf(
  features: readonly SplitFeature[],
  trees: number,
  { min, max }: { readonly min: number; readonly max: number },
): ProtobufMessage[] {
  const random = seededNumbers(1);
  const splits = 2 ** DEPTH - 1;
  const nodes = Array.from({ length: trees * (2 * splits + 1) }, (_, at) => {
    const tree = Math.floor(at / (2 * splits + 1));
    const id = at % (2 * splits + 1);
    const feature = Math.floor(random() * features.length);
    const { min: low = 0, max: high = 1 } = features[feature] ?? {};
    return { tree, id, isLeaf: id >= splits, feature, threshold: low + random() * (high - low) };
  });
  const leaves = nodes.filter(({ isLeaf }) => isLeaf);
  const ofSplits = (value: (node: (typeof nodes)[number]) => number) => nodes.map((node) => (node.isLeaf ? 0 : value(node)));
  const wholeNumbers = {
    nodes_treeids: nodes.map(({ tree }) => tree),
    nodes_nodeids: nodes.map(({ id }) => id),
    nodes_featureids: ofSplits(({ feature }) => feature),
    nodes_truenodeids: ofSplits(({ id }) => 2 * id + 1),
    nodes_falsenodeids: ofSplits(({ id }) => 2 * id + 2),
    target_treeids: leaves.map(({ tree }) => tree),
    target_nodeids: leaves.map(({ id }) => id),
    target_ids: leaves.map(() => 0),
  };
  const realNumbers = {
    nodes_values: ofSplits(({ threshold }) => threshold),
    target_weights: leaves.map(() => (min + random() * (max - min)) / trees),
  };
  const modes = nodes.map(({ isLeaf }) => (isLeaf ? "LEAF" : "BRANCH_LEQ"));
  return [
    ...Object.entries(wholeNumbers).map(([name, values]) => integers(name, values)),
    ...Object.entries(realNumbers).map(([name, values]) => floats(name, values)),
    texts("nodes_modes", modes),
    new ProtobufMessage().text(1, "n_targets").integer(3, 1).integer(20, ATTRIBUTE.integer),
  ];
}

/** AttributeProto.AttributeType */
const ATTRIBUTE = { integer: 2, floats: 6, integers: 7, texts: 8 } as const;

function integers(name: string, values: readonly number[]): ProtobufMessage {
  return new ProtobufMessage().text(1, name).integers(8, values).integer(20, ATTRIBUTE.integers);
}

function floats(name: string, values: readonly number[]): ProtobufMessage {
  return new ProtobufMessage().text(1, name).floats(7, values).integer(20, ATTRIBUTE.floats);
}

function texts(name: string, values: readonly string[]): ProtobufMessage {
  const attribute = new ProtobufMessage().text(1, name);
  for (const value of values) attribute.text(9, value);
  return attribute.integer(20, ATTRIBUTE.texts);
}

/** ValueInfoProto of float32 [N, width]. */
function matrix(name: string, width: number): ProtobufMessage {
  const shape = new ProtobufMessage().message(1, new ProtobufMessage().text(2, "N")).message(1, new ProtobufMessage().integer(1, width));
  const tensor = new ProtobufMessage().integer(1, 1).message(2, shape);
  return new ProtobufMessage().text(1, name).message(2, new ProtobufMessage().message(1, tensor));
}

function property(key: string, value: string): ProtobufMessage {
  return new ProtobufMessage().text(1, key).text(2, value);
}
