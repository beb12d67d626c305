import { seededNumbers } from "@streamgauge/core";
import { exportTrees, type Tree } from "@streamgauge/training";

/** A feature as the trees split it. */
export interface SplitFeature {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** How large an ensemble is. */
export interface EnsembleSize {
  readonly trees: number;
  /** Every level is full: 63 splits and 64 leaves at a depth of 6. */
  readonly depth: number;
}

/**
 * An ensemble of regression trees as an ONNX file. Splits and leaves are drawn at random within the features' ranges and
 * the target's: what a call costs depends on the number and the depth of the trees, not on whether they predict well.
 * The same input gives the same bytes.
 */
export function treeEnsemble(
  features: readonly SplitFeature[],
  { trees, depth }: EnsembleSize,
  target: { readonly min: number; readonly max: number },
): Uint8Array {
  const random = seededNumbers(1);
  const grown = Array.from({ length: trees }, () =>
    randomTree(features, depth, random, (share) => (target.min + share * (target.max - target.min)) / trees),
  );
  const names = features.map(({ name }) => name);
  return exportTrees({ base: 0, trees: grown }, names, { "streamgauge.name": `forest of ${trees} trees` });
}

/** Node i has the children 2i + 1 and 2i + 2; the second half of the nodes are leaves. */
function randomTree(features: readonly SplitFeature[], depth: number, random: () => number, leaf: (share: number) => number): Tree {
  const splits = 2 ** depth - 1;
  const tree: { [K in keyof Tree]: number[] } = { feature: [], threshold: [], left: [], right: [], weight: [] };
  for (let node = 0; node < 2 * splits + 1; node += 1) {
    const isLeaf = node >= splits;
    const feature = Math.floor(random() * features.length);
    const { min, max } = features[feature] ?? { min: 0, max: 1 };
    tree.feature.push(isLeaf ? -1 : feature);
    tree.threshold.push(isLeaf ? 0 : min + random() * (max - min));
    tree.left.push(isLeaf ? 0 : 2 * node + 1);
    tree.right.push(isLeaf ? 0 : 2 * node + 2);
    tree.weight.push(isLeaf ? leaf(random()) : 0);
  }
  return tree;
}
