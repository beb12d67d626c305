import { describe, expect, test } from "vitest";
import { valueAt, type BinnedAxis, type DensityGrid } from "./density-grid.js";
import { newPairDensity, pairGrid } from "./predicted-vs-actual-picture.js";
import { newResidualDensity, residualGrid } from "./residuals-picture.js";
import { residualBands } from "./residual-bands.js";
import type { PointDensity } from "./point-density.js";

type Rows = readonly (readonly [predicted: number, actual: number])[];

function densityOf(density: PointDensity, rows: Rows): PointDensity {
  density.add(
    Float64Array.from(rows, ([x]) => x),
    Float64Array.from(rows, ([, y]) => y),
  );
  return density;
}

const pairsOf = (rows: Rows): DensityGrid => pairGrid(densityOf(newPairDensity(), rows).points());
const residualsOf = (rows: Rows): DensityGrid =>
  residualGrid(
    densityOf(
      newResidualDensity(),
      rows.map(([predicted, actual]) => [predicted, predicted - actual] as const),
    ).points(),
  );

/** Bins with rows: the middle of each along both directions, rounded, and how many rows. */
function filled({ x, y, counts }: DensityGrid, digits: number): [number, number, number][] {
  const middle = (axis: BinnedAxis, bin: number) => Number(valueAt(axis, bin + 0.5).toFixed(digits));
  return Array.from(counts).flatMap((count, at): [number, number, number][] =>
    count === 0 ? [] : [[middle(x, at % x.bins), middle(y, Math.floor(at / x.bins)), count]],
  );
}

/** A seeded sequence of numbers from -3 to 3 that look normal. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return () => uniform() + uniform() + uniform() + uniform() + uniform() + uniform() - 3;
}

describe("predicted against actual", () => {
  test("of no rows is empty", () => {
    expect(pairsOf([])).toMatchObject({ largest: 0, outside: 0 });
  });

  test("of one row has one bin with it, and both values within", () => {
    const grid = pairsOf([[45.2, 50]]);
    expect(filled(grid, 0)).toEqual([[45, 50, 1]]);
    expect([grid.largest, grid.outside]).toEqual([1, 0]);
    expect(valueAt(grid.x, 0)).toBeLessThan(45.2);
    expect(valueAt(grid.x, grid.x.bins)).toBeGreaterThan(50);
  });

  test("has the same bins in both directions", () => {
    const { x, y } = pairsOf([
      [1, 900],
      [2, 800],
      [3, 1_000],
    ]);
    expect(x).toEqual(y);
  });

  test("of equal rows has them in one bin of twenty or more", () => {
    const grid = pairsOf(Array.from({ length: 5_000 }, () => [100, 100] as const));
    expect([grid.largest, filled(grid, 0)]).toEqual([5_000, [[100, 100, 5_000]]]);
    expect(grid.x.bins).toBeGreaterThanOrEqual(20);
  });

  test("whole labels fall into bins with as many of them each", () => {
    // Each label from 0 to 99 forty times. Of 4,000 rows there are up to 48 bins, so they are 4 wide.
    const grid = pairsOf(Array.from({ length: 4_000 }, (_, i) => [i % 100, i % 100] as const));
    const counts = filled(grid, 1).map(([, , count]) => count);
    expect(new Set(counts.slice(1, -1))).toEqual(new Set([160]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(4_000);
  });

  test.each([1e6, -1e6, 1e300, -Number.MAX_VALUE])("one row at %d is beyond the axes, and the others keep their bins", (far) => {
    const normal = normals(5);
    const rows = Array.from({ length: 2_000 }, () => [150 + 50 * normal(), 150 + 50 * normal()] as const);
    const grid = pairsOf([...rows.slice(0, 1_500), [150, far], ...rows.slice(1_500)]);
    expect(grid.outside).toBe(1);
    expect(grid.x).toEqual(pairsOf(rows).x);
    expect(valueAt(grid.x, grid.x.bins)).toBeLessThan(400);
  });

  test("one row in a hundred at a million times the others squashes none of them", () => {
    const normal = normals(7);
    const rows = Array.from({ length: 100_000 }, (_, i) => [i % 100 === 5 ? 1e6 * (1 + normal()) : 150 + 50 * normal(), 150] as const);
    const grid = pairsOf(rows);
    expect(grid.outside).toBe(1_000);
    expect(grid.x.bins).toBeGreaterThanOrEqual(40);
    expect(valueAt(grid.x, grid.x.bins)).toBeLessThan(500);
  });

  test("of numbers of both signs near the largest double keeps all rows", () => {
    expect(
      pairsOf([
        [1.7e308, -1.7e308],
        [-1.7e308, 1.7e308],
      ]),
    ).toMatchObject({ outside: 0, largest: 1 });
  });

  test("a million rows are counted in a bounded number of cells, each row once", () => {
    const normal = normals(11);
    const density = newPairDensity();
    for (let batch = 0; batch < 100; batch += 1) {
      const predicted = Float64Array.from({ length: 10_000 }, () => 150 + 50 * normal());
      density.add(
        predicted,
        predicted.map((value) => value + 20 * normal()),
      );
    }
    const points = density.points();
    const { counts, outside } = pairGrid(points);
    expect(points.count).toBe(1_000_000);
    expect(points.cells.size).toBeLessThanOrEqual(16_384);
    expect(counts.reduce((sum, count) => sum + count, 0) + outside).toBe(1_000_000);
    expect(outside).toBe(0);
  });

  test("how rows come in batches changes nothing", () => {
    const normal = normals(13);
    const rows = Array.from({ length: 3_000 }, () => [normal(), normal()] as const);
    const apart = newPairDensity();
    for (const part of [rows.slice(0, 1_000), rows.slice(1_000, 1_025), rows.slice(1_025)]) densityOf(apart, part);
    expect(pairGrid(apart.points())).toEqual(pairsOf(rows));
  });
});

describe("residuals", () => {
  test("have the sign of predicted − actual, and zero is in the picture", () => {
    const { y, ...grid } = residualsOf([[45, 50]]);
    expect(filled({ y, ...grid }, 0).map(([, error]) => error)).toEqual([-5]);
    expect([valueAt(y, 0) < -5, valueAt(y, y.bins) > 0]).toEqual([true, true]);
  });

  test("beyond the largest double are beyond the axes", () => {
    const normal = normals(17);
    const rows = Array.from({ length: 2_000 }, () => [normal(), normal()] as const);
    const grid = residualsOf([...rows, [1.7e308, -1.7e308]]);
    expect(grid.outside).toBe(1);
    expect(valueAt(grid.y, grid.y.bins)).toBeLessThan(12);
  });

  test("have a median and a middle 80 % for each part of the predictions with ten rows", () => {
    // Errors −5 … 5 in equal numbers at a prediction of 10, 20 … 30 at one of 200, and nine rows between.
    const at = (predicted: number, first: number, rows: number) =>
      Array.from({ length: rows }, (_, i) => [predicted, predicted - (first + (i % 11))] as const);
    const rows = [...at(10, -5, 1_100), ...at(200, 20, 1_100), ...at(100, 0, 9)];
    const points = densityOf(
      newResidualDensity(),
      rows.map(([predicted, actual]) => [predicted, predicted - actual] as const),
    ).points();
    const { x, y } = residualGrid(points);
    const bands = residualBands(points, x, y).map(({ low, median, high }) => [low, median, high].map((bin) => Math.round(valueAt(y, bin))));
    expect(bands).toEqual([
      [-4, 0, 4],
      [21, 25, 29],
    ]);
  });
});
