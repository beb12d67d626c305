import { expect, test } from "vitest";
import { PairCell, PairCells, pairGrid, type PairGrid } from "./pair-cells.js";
import { pairDensities } from "./pair-density.js";

const GRID = pairGrid(3, 18);

function version(model: string, pairs: readonly (readonly [yPred: number, yTrue: number])[], grid?: PairGrid) {
  const cells = new PairCells();
  for (const [yPred, yTrue] of pairs) {
    const pair = new PairCell();
    pair.set(yPred, yTrue, grid);
    cells.add(pair);
  }
  return { model, pairs: cells.save() };
}

test("a density of no rows is none", () => {
  expect(pairDensities([])).toEqual([]);
  expect(pairDensities([version("m", [])])).toEqual([]);
});

test("a density counts rows in cells from the least value to the greatest one of both axes", () => {
  expect(
    pairDensities([
      version(
        "m",
        [
          [150, 150],
          [150, 151],
          [166, 180],
        ],
        GRID,
      ),
    ]),
  ).toEqual([
    {
      model: null,
      rows: 3,
      outside: 0,
      from: 144,
      width: 8,
      side: 5,
      cells: [
        [0, 0, 2],
        [2, 4, 1],
      ],
    },
  ]);
});

test("one row has one cell", () => {
  expect(pairDensities([version("m", [[206.1, 151]])])).toEqual([
    { model: null, rows: 1, outside: 0, from: 144, width: 8, side: 8, cells: [[7, 0, 1]] },
  ]);
});

test("cells are widened until 32 hold the rows", () => {
  const rows = Array.from({ length: 100 }, (_, i) => [100 + 4 * i, 100 + 4 * i] as const);
  const [density] = pairDensities([version("m", rows, GRID)]);
  // 100 to 496: 51 cells of 8, 26 of 16.
  expect(density).toMatchObject({ rows: 100, outside: 0, from: 96, width: 16, side: 26 });
  expect(density?.cells[0]).toEqual([0, 0, 3]);
});

test("a row that lies apart does not hide the others: it is counted as outside", () => {
  const rows = Array.from({ length: 40 }, (_, i) => [150 + i, 150 + i] as const);
  const [density] = pairDensities([version("m", [...rows, [160, 1e9]], GRID)]);
  expect(density).toMatchObject({ rows: 41, outside: 1, from: 144, width: 8, side: 6 });
  expect(density?.cells.reduce((sum, [, , count]) => sum + count, 0)).toBe(40);
});

test("versions with grids of their own add up, and have a density each", () => {
  const one = version("m@1", [[150, 150]], GRID);
  const other = version("m@2", [[151, 149]], pairGrid(1, 75));
  expect(pairDensities([one, other]).map(({ model, rows, width, cells }) => ({ model, rows, width, cells }))).toEqual([
    { model: null, rows: 2, width: 8, cells: [[0, 0, 2]] },
    { model: "m@1", rows: 1, width: 8, cells: [[0, 0, 1]] },
    { model: "m@2", rows: 1, width: 2, cells: [[1, 0, 1]] },
  ]);
});

test("at most five versions have a density of their own: those with the most rows", () => {
  const versions = Array.from({ length: 7 }, (_, i) => version(`m@${i}`, Array<[number, number]>(i + 1).fill([150, 150]), GRID));
  expect(pairDensities(versions).map(({ model, rows }) => [model, rows])).toEqual([
    [null, 28],
    ["m@2", 3],
    ["m@3", 4],
    ["m@4", 5],
    ["m@5", 6],
    ["m@6", 7],
  ]);
});

test("few first rows that are known in wide cells only are left out", () => {
  const rows = Array.from({ length: 995 }, (_, i) => [1_000 + (i % 10), 1_000 + (i % 10)] as const);
  const fine = version("m", rows, pairGrid(-1, 2_010));
  const wide = version("m", Array<[number, number]>(5).fill([1_000, 1_000]));
  expect(pairDensities([{ model: "m", pairs: [...fine.pairs, ...wide.pairs] }])[0]).toMatchObject({
    rows: 1_000,
    outside: 5,
    width: 0.5,
    side: 19,
  });
});

test("the largest values have cells", () => {
  const [density] = pairDensities([
    version("m", [
      [1.7e308, -1.7e308],
      [1e-300, 0],
    ]),
  ]);
  expect(density).toMatchObject({ rows: 2, outside: 0, width: 2 ** 1020 });
});
