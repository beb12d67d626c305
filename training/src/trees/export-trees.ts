import { metadataKey } from "@streamgauge/model/onnx";
import { ML_DOMAIN, writeOnnx } from "@streamgauge/model/onnx";
import type { TreeEnsemble } from "./tree.js";

/** IR 8 and opset 13, with the first operators for trees: read by ONNX Runtime 1.14 and later. */
const VERSIONS = { irVersion: 8, opset: 13, mlOpset: 1 } as const;

/**
 * Writes trees as ONNX: one TreeEnsembleRegressor of ai.onnx.ml, input `features`, float32 [N, features], in raw units;
 * output `y_pred`, float32 [N, 1], in the target's unit. Attributes:
 * https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html
 *
 * @param features - names, in the order of the trees' features.
 * @param metadata - `metadata_props` beside the names; the keys are in metadata-keys.ts.
 * @returns the bytes of the file; the same trees give the same bytes.
 */
export function exportTrees(
  { base, trees }: Pick<TreeEnsemble, "base" | "trees">,
  features: readonly string[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const nodes = trees.flatMap((tree, of) =>
    tree.feature.map((feature, id) => ({
      of,
      id,
      isLeaf: feature === -1,
      feature: Math.max(0, feature),
      threshold: tree.threshold[id] ?? 0,
      left: tree.left[id] ?? 0,
      right: tree.right[id] ?? 0,
      weight: tree.weight[id] ?? 0,
    })),
  );
  const leaves = nodes.filter(({ isLeaf }) => isLeaf);
  return writeOnnx({
    ...VERSIONS,
    producer: "streamgauge",
    graph: "tree_ensemble",
    inputs: [{ name: "features", type: "float32", shape: ["N", features.length] }],
    outputs: [{ name: "y_pred", type: "float32", shape: ["N", 1] }],
    constants: [],
    nodes: [
      {
        operator: "TreeEnsembleRegressor",
        domain: ML_DOMAIN,
        inputs: ["features"],
        outputs: ["y_pred"],
        attributes: {
          base_values: { floats: [base] },
          n_targets: { integer: 1 },
          nodes_falsenodeids: { integers: nodes.map(({ right }) => right) },
          nodes_featureids: { integers: nodes.map(({ feature }) => feature) },
          nodes_modes: { texts: nodes.map(({ isLeaf }) => (isLeaf ? "LEAF" : "BRANCH_LEQ")) },
          nodes_nodeids: { integers: nodes.map(({ id }) => id) },
          nodes_treeids: { integers: nodes.map(({ of }) => of) },
          nodes_truenodeids: { integers: nodes.map(({ left }) => left) },
          nodes_values: { floats: nodes.map(({ threshold }) => threshold) },
          target_ids: { integers: leaves.map(() => 0) },
          target_nodeids: { integers: leaves.map(({ id }) => id) },
          target_treeids: { integers: leaves.map(({ of }) => of) },
          target_weights: { floats: leaves.map(({ weight }) => weight) },
        },
      },
    ],
    metadata: { [metadataKey.features]: JSON.stringify(features), ...metadata },
  });
}
