import { expect, test } from "vitest";
import { CellCounts } from "./cell-counts.js";

function entriesOf(counts: CellCounts): [number, number, number][] {
  const entries: [number, number, number][] = [];
  counts.forEach((column, row, count) => entries.push([column, row, count]));
  return entries.sort(([a, b], [c, d]) => a - c || b - d);
}

test("counts of a pair add up, and pairs with the same numbers in another order are others", () => {
  const counts = new CellCounts();
  counts.add(3, -7, 1);
  counts.add(-7, 3, 2);
  counts.add(3, -7, 5);
  expect(counts.size).toBe(2);
  expect(entriesOf(counts)).toEqual([
    [-7, 3, 2],
    [3, -7, 6],
  ]);
});

test("a hundred thousand pairs are kept apart", () => {
  const counts = new CellCounts();
  for (let times = 0; times < 2; times += 1) for (let i = 0; i < 100_000; i += 1) counts.add(i - 50_000, i % 317, 1);
  expect(counts.size).toBe(100_000);
  expect(entriesOf(counts).every(([column, row, count]) => row === (column + 50_000) % 317 && count === 2)).toBe(true);
});

test("halved, four pairs are one, below zero too", () => {
  const counts = new CellCounts();
  for (const [column, row] of [
    [0, 0],
    [1, 1],
    [0, 1],
    [2, 0],
    [-1, -1],
    [-2, -1],
    [-3, -1],
  ] as const)
    counts.add(column, row, 1);
  expect(entriesOf(counts.halved())).toEqual([
    [-2, -1, 1],
    [-1, -1, 2],
    [0, 0, 3],
    [1, 0, 1],
  ]);
});
