import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CellCounts, INFINITE_CELL, upperEdge, ZERO_CELL } from "./cell-counts.js";
import { DecayedCells } from "./decayed-cells.js";
import { SignedValue } from "./signed-cells.js";

const signed = (value: number) => {
  const one = new SignedValue();
  one.set(value);
  return one;
};
const cell = (value: number) => countsOf([value]).entries().cells[0] ?? Number.NaN;

function countsOf(values: readonly number[]): CellCounts {
  const counts = new CellCounts();
  for (const value of values) counts.add(signed(value));
  return counts;
}

describe("a cell", () => {
  test.each([
    [1.234, 1.24],
    [-57.29, 57.3],
    [0.999, 1],
    [9.99, 10],
    [0.3, 0.301],
    [1e-12, 1.01e-12],
    [123_456, 124_000],
  ])("of %d ends at %d", (value, edge) => {
    expect(upperEdge(cell(value))).toBe(edge);
  });

  test("of zero ends there, and of what is beyond the doubles nowhere", () => {
    expect([cell(0), cell(1e-301), cell(Infinity), cell(Number.NaN)]).toEqual([ZERO_CELL, ZERO_CELL, INFINITE_CELL, INFINITE_CELL]);
    expect([upperEdge(ZERO_CELL), upperEdge(INFINITE_CELL)]).toEqual([0, Infinity]);
  });

  test("has a larger number than those of smaller values", () => {
    const positive = fc.double({ min: 1e-299, max: 1e300, noNaN: true });
    fc.assert(fc.property(positive, positive, (one, other) => one > other || cell(one) <= cell(other)));
  });
});

test("many cells come in their order as few do", () => {
  const values = Array.from({ length: 3_000 }, (_, i) => ((i * 7_919) % 3_000) / 7);
  const { cells, counts } = countsOf([...values, ...values, Infinity]).entries();
  expect(cells.toSorted((one, other) => one - other)).toEqual(cells);
  expect([new Set(cells).size, counts.reduce((sum, count) => sum + count, 0)]).toEqual([cells.length, 6_001]);
});

test("counts are cleared as if they were new", () => {
  const counts = countsOf([0, 5, 5, 700, Infinity]);
  expect([counts.count, counts.entries().counts]).toEqual([5, [1, 2, 1, 1]]);
  counts.clear();
  expect([counts.count, counts.entries()]).toEqual([0, { cells: [], counts: [] }]);
  counts.add(signed(5));
  expect(counts.entries()).toEqual({ cells: [cell(5)], counts: [1] });
});

describe("decayed cells", () => {
  test("of one age have the quantiles of their values", () => {
    const cells = new DecayedCells();
    cells.add([countsOf([0, 1, 2, 3, 40, 50, 60, 700, 800, 900]).entries()], 0.5);
    expect([-0.1, 0, 0.05, 0.1, 0.101, 0.5, 0.9, 0.95, 1, 1.5].map((share) => cells.quantile(share))).toEqual([
      0, 0, 0, 0, 1.01, 40.1, 801, 901, 901, 901,
    ]);
    const shares = cells.sharesFrom([ZERO_CELL, cell(0.5), cell(1), cell(40), cell(45), cell(900), cell(5_000), INFINITE_CELL]);
    expect(Array.from(shares, (share) => share.toFixed(12))).toEqual([1, 0.9, 0.9, 0.6, 0.5, 0.1, 0, 0].map((share) => share.toFixed(12)));
  });

  test("weigh older values less", () => {
    const cells = new DecayedCells();
    cells.add([countsOf([1]).entries()], 0.5);
    cells.add([countsOf([2]).entries()], 0.5);
    cells.add([countsOf([3]).entries()], 0.25);
    // Weights of 1/8, 1/4 and 1.
    expect(Array.from(cells.sharesFrom([cell(2), cell(3)]))).toEqual([1 - 1 / 11, 1 - 3 / 11]);
  });

  test("have no quantile of no values, nor one beyond the doubles", () => {
    const cells = new DecayedCells();
    expect(cells.quantile(0.5)).toBeNaN();
    cells.add([countsOf([1, Infinity]).entries()], 0.5);
    expect([cells.quantile(0.5), cells.quantile(0.6), cells.quantile(1)]).toEqual([1.01, Infinity, Infinity]);
  });

  test("forget what is old: the largest value no longer counts", () => {
    const cells = new DecayedCells();
    cells.add([countsOf([1e9]).entries()], 0.5);
    cells.add([countsOf([1]).entries()], 1e-7);
    expect(cells.quantile(1)).toBe(1.01);
  });

  test("are the same to the last bit after they were saved, also when weights were made smaller on the way", () => {
    const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(values, { maxLength: 30 }), fc.nat(29), fc.constantFrom(0.9, 1e-9, 1e-60), (commits, at, factor) => {
        const whole = new DecayedCells();
        let parted = new DecayedCells();
        for (const [i, commit] of commits.entries()) {
          if (i === at) {
            const saved: ReturnType<DecayedCells["save"]> = JSON.parse(JSON.stringify(parted.save()));
            parted = new DecayedCells();
            parted.restore(saved);
          }
          whole.add([countsOf(commit).entries()], factor);
          parted.add([countsOf(commit).entries()], factor);
        }
        expect(parted.save()).toEqual(whole.save());
      }),
    );
  });
});
