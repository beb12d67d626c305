import { expect, test } from "vitest";
import { comparedBins, comparedCounts } from "./compared-bins.js";
import { stabilityOf } from "./drift.js";
import type { FeatureReference } from "./reference.js";

function numbers(...counts: number[]): FeatureReference {
  const centers = counts.slice(3).map((_, i) => i + 0.5);
  return { bins: { kind: "number", edges: [0, ...centers.map((center) => center + 0.5)], centers, sd: 1 }, counts };
}

function texts(...counts: number[]): FeatureReference {
  return { bins: { kind: "text", texts: counts.slice(3).map((_, i) => `t${i}`), others: [] }, counts };
}

test("bins of numbers are compared one by one", () => {
  expect(comparedBins(numbers(0, 0, 4, 6, 0))).toEqual([[0], [1], [2], [3], [4]]);
});

test.each([
  ["each text that the reference has five times or more by itself", texts(0, 0, 0, 30, 19, 5), [[0], [1, 2], [3], [4], [5]]],
  ["if one has fewer, those of fewer than 20 with the unseen ones", texts(0, 0, 0, 30, 20, 19, 4), [[0], [1, 2, 5, 6], [3], [4]]],
  ["so too if some have no bin", texts(0, 7, 0, 30, 19), [[0], [1, 2, 4], [3]]],
])("of texts: %s", (_, reference, bins) => {
  expect(comparedBins(reference)).toEqual(bins);
});

test("a bin of fewer than five rows takes in the next one; at the end, the one before", () => {
  const bins = [[0], [1], [2], [3], [4]];
  expect(comparedCounts(bins, [0, 2, 30, 40, 3], [1, 1, 20, 45, 0])).toEqual({ reference: [32, 43], window: [22, 45] });
  expect(comparedCounts(bins, [0, 2, 30, 40, 3], [1, 2, 20, 45, 2])).toEqual({ reference: [2, 30, 40, 3], window: [3, 20, 45, 2] });
  expect(comparedCounts(bins, [0, 0, 1, 0, 0], [0, 1, 0, 0, 0])).toEqual({ reference: [1], window: [1] });
});

test("the index and its limit are of the joined bins, at 2.5 % divided by the number of features", () => {
  const { psi, noise, drifted } = stabilityOf(numbers(0, 2, 30, 40, 3), Float64Array.of(1, 1, 20, 45, 0), { features: 42 });
  // By SciPy 1.17.1.
  expect(psi).toBeCloseTo(0.03992609984399998, 12);
  expect(noise).toBeCloseTo(0.33319305744977207, 12);
  expect(drifted).toBe(false);
});

test("texts of which the reference has few do not drift because a sample has others of them", () => {
  // 200 texts equally often, of which 100 rows cannot show all.
  const reference = texts(0, 38, 0, ...Array.from({ length: 50 }, (_, i) => (i < 12 ? 2 : 1)));
  const counts = Float64Array.of(0, 15, 40, ...Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 1 : 0)));
  expect(stabilityOf(reference, counts, { features: 1 })).toMatchObject({ psi: 0, drifted: false });
});

test("a new text is found beside rare ones", () => {
  const reference = texts(0, 3, 0, 500, 300, 12, 2);
  expect(stabilityOf(reference, Float64Array.of(0, 0, 60, 140, 95, 4, 1), { features: 40 }).drifted).toBe(true);
});
