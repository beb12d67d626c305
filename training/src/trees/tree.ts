/**
 * One regression tree, its nodes in one array: node 0 is the root. A row goes to `left` if its feature is at most the
 * threshold, both rounded to float32, as ONNX's BRANCH_LEQ compares them; otherwise to `right`.
 */
export interface Tree {
  /** [nodes]; -1 for a leaf. */
  readonly feature: readonly number[];
  /** [nodes]; float32; 0 for a leaf. */
  readonly threshold: readonly number[];
  /** [nodes]; 0 for a leaf. */
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** [nodes]; in the target's unit: what a leaf adds to the prediction; 0 for other nodes. */
  readonly weight: readonly number[];
}

/** Trees whose leaves add up. */
export interface TreeEnsemble {
  /** What all predictions begin with, in the target's unit. */
  readonly base: number;
  readonly trees: readonly Tree[];
  /** [features]; each feature's share of what the splits gained; adds up to 1, or is 0 if nothing was split. */
  readonly importance: readonly number[];
}

/** A tree whose leaves are not scaled yet, and what its splits gained. */
export interface GrownTree {
  readonly tree: Tree;
  /** [features]; by how much the splits of each lowered the sum of squares. */
  readonly gain: Float64Array;
}

/**
 * @param x - one array for each feature, each [rows].
 * @returns predictions, [rows], in the target's unit.
 */
export function predictTrees(
  { base, trees }: Pick<TreeEnsemble, "base" | "trees">,
  x: readonly Float64Array[],
  rows: number,
): Float64Array {
  const columns = x.map((column) => Float32Array.from(column));
  const y = new Float64Array(rows).fill(base);
  for (const tree of trees) for (let row = 0; row < rows; row += 1) y[row]! += tree.weight[leafOf(tree, columns, row)]!;
  return y;
}

function leafOf({ feature, threshold, left, right }: Tree, columns: readonly Float32Array[], row: number): number {
  let node = 0;
  for (;;) {
    const column = columns[feature[node] ?? -1];
    if (column === undefined) return node;
    node = ((column[row] ?? 0) <= (threshold[node] ?? 0) ? left[node] : right[node]) ?? 0;
  }
}

/** A tree with every leaf's weight changed. */
export function withWeights(tree: Tree, change: (weight: number) => number): Tree {
  return { ...tree, weight: tree.weight.map((weight, node) => (tree.feature[node] === -1 ? change(weight) : 0)) };
}

/**
 * Rounds base and weights to multiples of a power of two that is so large that float32 holds every sum of them: then
 * ONNX Runtime, which adds in float32 and in whatever order, answers with the very numbers that predictTrees does.
 */
export function exactInFloat32<E extends Pick<TreeEnsemble, "base" | "trees">>(ensemble: E): E {
  const largest = (tree: Tree) => tree.weight.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const bound = ensemble.trees.reduce((sum, tree) => sum + largest(tree), Math.abs(ensemble.base));
  if (bound === 0) return ensemble;
  // A float32 has 24 binary digits. Rounding up may add half a unit for each tree: hence the unit more.
  const unit = 2 ** (Math.ceil(Math.log2(bound)) + 1 - 24);
  const rounded = (weight: number) => Math.round(weight / unit) * unit;
  return { ...ensemble, base: rounded(ensemble.base), trees: ensemble.trees.map((tree) => withWeights(tree, rounded)) };
}

/** Shares of the gains of all trees. */
export function importanceOf(gains: readonly Float64Array[], features: number): number[] {
  const sums = Array.from({ length: features }, (_, feature) => gains.reduce((sum, gain) => sum + (gain[feature] ?? 0), 0));
  const total = sums.reduce((sum, gain) => sum + gain, 0);
  return sums.map((gain) => (total > 0 ? gain / total : 0));
}
