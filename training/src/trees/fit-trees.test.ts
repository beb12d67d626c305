import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtFile } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { describe, expect, onTestFinished, test } from "vitest";
import { openModel } from "@streamgauge/model";
import { readDataset } from "../read-dataset.js";
import { regressionError } from "../regression-error.js";
import { readTable } from "../training-table.js";
import { exportTrees } from "./export-trees.js";
import { fitTrees, type TreeOptions } from "./fit-trees.js";
import { growTree } from "./grow-tree.js";
import { binColumn } from "./binned-column.js";
import { predictTrees, type TreeEnsemble } from "./tree.js";

const FEATURES = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
const dataset = await readDataset(builtFile("features/assets/diabetes.csv"));
const { x, y } = readTable(dataset, FEATURES, "target");
const rows = y.length;

/** What ONNX Runtime says. */
async function served(ensemble: TreeEnsemble, features: readonly string[], columns: readonly Float64Array[]): Promise<Float64Array> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "trees.onnx"), exportTrees(ensemble, features, {}));
  const model = await openModel(join(folder, "trees.onnx"));
  onTestFinished(() => model.close());
  return model.predict(columns[0]?.length ?? 0, columns);
}

function farthest(one: Float64Array, other: Float64Array): number {
  return one.reduce((most, value, row) => Math.max(most, Math.abs(value - (other[row] ?? Number.NaN))), 0);
}

describe("a tree", () => {
  test("is split where the sum of squares falls most", () => {
    // Steps at 2.5 of the first feature (gain 4·49/2·…), then at 1.5 of the second among the upper rows.
    const columns = [Float64Array.of(1, 2, 3, 4, 5, 6), Float64Array.of(1, 2, 1, 2, 1, 2)].map(binColumn);
    const target = Float64Array.of(0, 0, 10, 14, 10, 14);
    const { tree, gain } = growTree({
      columns,
      target,
      rows: Int32Array.from([0, 1, 2, 3, 4, 5]),
      maxDepth: 2,
      minLeaf: 1,
      candidates: () => [0, 1],
    });
    expect(tree).toEqual({
      feature: [0, -1, 1, -1, -1],
      threshold: [2.5, 0, 1.5, 0, 0],
      left: [1, 0, 3, 0, 0],
      right: [2, 0, 4, 0, 0],
      weight: [0, 0, 0, 10, 14],
    });
    // 4 · 12² + 2 · 0² - 6 · 8², and 2 · 10² + 2 · 14² - 4 · 12².
    expect([...gain]).toEqual([192, 16]);
  });

  test("has one leaf if nothing is gained or leaves would be too small", () => {
    const columns = [binColumn(Float64Array.of(1, 2, 3))];
    const options = { columns, rows: Int32Array.of(0, 1, 2), maxDepth: 3, candidates: () => [0] };
    expect(growTree({ ...options, target: Float64Array.of(5, 5, 5), minLeaf: 1 }).tree.weight).toEqual([5]);
    expect(growTree({ ...options, target: Float64Array.of(0, 0, 6), minLeaf: 2 }).tree.weight).toEqual([2]);
  });
});

describe.each<TreeOptions>([
  { kind: "forest", trees: 200, seed: 1 },
  { kind: "boosting", trees: 200, seed: 1 },
])("$kind", (options) => {
  const ensemble = fitTrees(x, y, options);

  test("has the very answers of its ONNX file, on the rows and beside the thresholds", async () => {
    expect(farthest(await served(ensemble, FEATURES, x), predictTrees(ensemble, x, rows))).toBe(0);
    // Rows on every threshold of the first trees, just below and just above.
    const edges = ensemble.trees
      .slice(0, 20)
      .flatMap(({ feature, threshold }) =>
        feature.flatMap((of, node) =>
          of < 0 ? [] : [-1e-6, 0, 1e-6].map((shift) => ({ of, value: (threshold[node] ?? 0) * (1 + shift) })),
        ),
      );
    const columns = x.map((column, at) =>
      Float64Array.from(edges, ({ of, value }, row) => (of === at ? value : (column[row % rows] ?? 0))),
    );
    expect(farthest(await served(ensemble, FEATURES, columns), predictTrees(ensemble, columns, edges.length))).toBe(0);
  });

  test("fits the rows better than a line does, and says which features matter", () => {
    // The linear regression's is 53.476.
    expect(regressionError(y, predictTrees(ensemble, x, rows)).rmse).toBeLessThan(53);
    expect(ensemble.importance.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    // bmi and s5 are the strongest by every study of these data.
    const strongest = FEATURES.toSorted(
      (one, other) => (ensemble.importance[FEATURES.indexOf(other)] ?? 0) - (ensemble.importance[FEATURES.indexOf(one)] ?? 0),
    );
    expect(strongest.slice(0, 2).toSorted()).toEqual(["bmi", "s5"]);
  });

  test("is the same for the same seed, and another for another", () => {
    const bytes = (seed: number) => Buffer.from(exportTrees(fitTrees(x, y, { ...options, trees: 5, seed }), FEATURES, {}));
    expect(bytes(1).equals(bytes(1))).toBe(true);
    expect(bytes(1).equals(bytes(2))).toBe(false);
  });

  test("of a constant target predicts it", async () => {
    const same = fitTrees([Float64Array.of(1, 2, 3)], Float64Array.of(7, 7, 7), { ...options, trees: 3 });
    expect(predictTrees(same, [Float64Array.of(0)], 1)).toEqual(Float64Array.of(7));
    expect(await served(same, ["a"], [Float64Array.of(0)])).toEqual(Float64Array.of(7));
  });
});
