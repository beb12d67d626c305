import { binColumn } from "./binned-column.js";
import { growTree } from "./grow-tree.js";
import { seededNumbers } from "@streamgauge/core";
import { exactInFloat32, importanceOf, predictTrees, withWeights, type GrownTree, type TreeEnsemble } from "./tree.js";

/** What to fit; the same options and rows give the same trees. */
export interface TreeOptions {
  readonly kind: "forest" | "boosting";
  readonly trees: number;
  readonly seed: number;
}

/** A random forest's trees are deep, and differ by the rows and the features that they may use. */
const FOREST = { maxDepth: 20, featureShare: 1 / 3 } as const;
/** Rows in a leaf of a forest: so many at least, and no more than a thousand leaves in a tree, whose file grows with them. */
const FOREST_LEAF = { rows: 5, most: 1_000 } as const;
/** A boosted tree is shallow, and takes a small step on a part of the rows. */
const BOOSTING = { maxDepth: 3, minLeaf: 5, step: 0.05, rowShare: 0.7 } as const;

/**
 * Fits a random forest (Breiman 2001: bootstrap samples, a third of the features at each node) or least-squares gradient
 * boosting (Friedman 2001, algorithm 2; a part of the rows for each tree: Friedman 2002).
 *
 * @param x - one array for each feature, each [rows], finite, within float32.
 * @param y - [rows], finite, in the target's unit.
 */
export function fitTrees(x: readonly Float64Array[], y: Float64Array, { kind, trees, seed }: TreeOptions): TreeEnsemble {
  const random = seededNumbers(seed);
  const columns = x.map(binColumn);
  const base = y.reduce((sum, value) => sum + value, 0) / Math.max(1, y.length);
  // What the trees are to add to it.
  const rest = y.map((value) => value - base);
  const all = x.map((_, feature) => feature);
  const grown: GrownTree[] = [];
  for (let tree = 0; tree < trees; tree += 1) {
    if (kind === "forest") {
      const rows = Int32Array.from(y, () => Math.floor(random() * y.length));
      const some = Math.max(1, Math.round(FOREST.featureShare * x.length));
      const minLeaf = Math.max(FOREST_LEAF.rows, Math.ceil(y.length / FOREST_LEAF.most));
      const one = growTree({ ...FOREST, minLeaf, columns, target: rest, rows, candidates: () => drawn(all, some, random) });
      grown.push({ ...one, tree: withWeights(one.tree, (weight) => weight / trees) });
    } else {
      const rows = Int32Array.from(drawn([...y.keys()], Math.max(1, Math.round(BOOSTING.rowShare * y.length)), random));
      const one = growTree({ ...BOOSTING, columns, target: rest, rows, candidates: () => all });
      const step = withWeights(one.tree, (weight) => BOOSTING.step * weight);
      const answers = predictTrees({ base: 0, trees: [step] }, x, y.length);
      for (const [row, answer] of answers.entries()) rest[row] = (rest[row] ?? 0) - answer;
      grown.push({ ...one, tree: step });
    }
  }
  const gains = grown.map(({ gain }) => gain);
  return exactInFloat32({ base, trees: grown.map(({ tree }) => tree), importance: importanceOf(gains, x.length) });
}

/** Some of them, each once, in order (Fisher and Yates, stopped early). */
function drawn(from: readonly number[], count: number, random: () => number): readonly number[] {
  if (count >= from.length) return from;
  const shuffled = [...from];
  for (let at = 0; at < count; at += 1) {
    const other = at + Math.floor(random() * (shuffled.length - at));
    [shuffled[at], shuffled[other]] = [shuffled[other] ?? 0, shuffled[at] ?? 0];
  }
  return shuffled.slice(0, count).toSorted((one, other) => one - other);
}
