import { describe, expect, test } from "vitest";
import { AxisCells } from "./axis-cells.js";

const cells = new AxisCells(100, 8);

describe("the finest cells around 100 at a scale of 8", () => {
  test.each([
    [100, 0],
    [100.0078, 0],
    [100.0079, 1],
    [99.9999, -1],
    [99.992, -2],
    // A scale away from the centre the cells are twice as wide.
    [107.999, 1_023],
    [108, 1_024],
    [108.015, 1_024],
    [108.016, 1_025],
    [124, 2_048],
    [92, -1_025],
  ])("hold %d in cell %d", (value, cell) => {
    expect(cells.cellOf(value)).toBe(cell);
  });

  test.each([Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE])("hold %d", (value) => {
    expect(Number.isInteger(cells.cellOf(value))).toBe(true);
  });
});

test("a level has cells with these edges, in scales from the centre", () => {
  expect([-9, -8, -3, -1, 0, 1, 3, 4, 5, 8, 9].map((cell) => AxisCells.edge(cell, 2))).toEqual([
    -4, -3, -0.75, -0.25, 0, 0.25, 0.75, 1, 1.5, 3, 4,
  ]);
});

test("only cells at the end of the doubles are beyond them", () => {
  expect(AxisCells.isBeyond(cells.cellOf(Infinity), 10)).toBe(true);
  expect(AxisCells.isBeyond(cells.cellOf(-Infinity), 10)).toBe(true);
  expect(AxisCells.isBeyond(cells.cellOf(1e300), 10)).toBe(false);
});

test("the distance of two doubles may be beyond them", () => {
  const far = new AxisCells(1.7e308, 1e300);
  expect(AxisCells.isBeyond(far.cellOf(-1.7e308), 10)).toBe(false);
  expect(AxisCells.edge(far.cellOf(-1.7e308), 10)).toBeCloseTo(-3.4e8, -6);
});
