import { expect, test } from "vitest";
import { cellExponentAt, DecimalCells } from "./decimal-cells.js";

function cellsOf(values: readonly number[]): DecimalCells {
  const cells = new DecimalCells();
  for (const value of values) cells.add(value);
  return cells;
}

test("values of the same four digits share a cell, the next four digits are the next cell", () => {
  expect([...cellsOf([1.234, 1.2349, 1.235]).cells()]).toEqual([
    { mantissa: 1234, exponent: -3, count: 2 },
    { mantissa: 1235, exponent: -3, count: 1 },
  ]);
});

test("cells come in ascending order, zero first, whatever the order of the values", () => {
  expect([...cellsOf([5e9, 0, 2e-7, 0, 1]).cells()]).toEqual([
    { mantissa: 0, exponent: 0, count: 2 },
    { mantissa: 2000, exponent: -10, count: 1 },
    { mantissa: 1000, exponent: -3, count: 1 },
    { mantissa: 5000, exponent: 6, count: 1 },
  ]);
});

test("a value below 1e-300 counts as zero", () => {
  expect([...cellsOf([5e-324, 9.9e-301]).cells()]).toEqual([{ mantissa: 0, exponent: 0, count: 2 }]);
});

test("values of a cell are taken as evenly spread over it", () => {
  const cells = cellsOf([1.5, 1.5, 0, 70]);
  expect([0, 1, 2, 3, 4].map((rank) => cells.valueAt(rank))).toEqual([0, 1.50025, 1.50075, 70.005, NaN]);
});

test("a cell is a thousandth of the decade wide", () => {
  expect([0.5, 1, 9.9, 150].map(cellExponentAt)).toEqual([-4, -3, -3, -1]);
});
