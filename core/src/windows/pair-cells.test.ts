import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gridOfTenths, NewPairs, PairCell, PairCells, pairGrid, type PairGrid } from "./pair-cells.js";

/** The tenths of the predictions of a study, in the target's unit. */
const EDGES = [90, 105, 120, 135, 150, 165, 180, 195, 210];
const GRID = pairGrid(3, 18);

function cellOf(yPred: number, yTrue: number, grid?: PairGrid) {
  const pair = new PairCell();
  pair.set(yPred, yTrue, grid);
  return pair;
}

/** Where the cell of a pair begins and how wide it is: along y_pred, along y_true. */
function squareOf({ exponent, origin, cell }: PairCell) {
  const width = 2 ** exponent;
  return { pred: (origin + (cell % 64)) * width, truth: (origin + Math.floor(cell / 64)) * width, width };
}

test("a grid has cells a tenth as wide as the predictions from their first tenth to the last one, around their median", () => {
  expect(gridOfTenths(EDGES)).toEqual({ exponent: 3, middle: 18, scale: 1 / 8 });
});

test.each([
  ["equal", Array<number>(9).fill(5)],
  ["none", []],
])("predictions that are %s have no grid", (_, edges) => {
  expect(gridOfTenths(edges)).toBeUndefined();
});

test("a grid of predictions that differ in their last digits has numbers of cells that are exact", () => {
  const grid = gridOfTenths(Array.from({ length: 9 }, (_, i) => 1e9 + i * 1e-7));
  // 2^29 is the highest bit of 1e9.
  expect(grid?.exponent).toBe(29 - 44);
});

describe("the cell of a pair", () => {
  test.each([
    ["the middle", 150, 151, { pred: 144, truth: 144, width: 8 }],
    ["an edge, which begins a cell", 152, 143.999, { pred: 152, truth: 136, width: 8 }],
    ["the first cells", -112, -105, { pred: -112, truth: -112, width: 8 }],
    ["what lies before them, in wider cells", 150, -113, { pred: 144, truth: -128, width: 16 }],
    ["the last cells", 399, 150, { pred: 392, truth: 144, width: 8 }],
    ["what lies behind them", 400, 150, { pred: 400, truth: 144, width: 16 }],
    ["what is far away", 150, 3_000, { pred: 128, truth: 2_944, width: 128 }],
    ["what is beyond all cells, in those at the edge", 150, -1e9, { pred: 0, truth: -32 * 16_384, width: 16_384 }],
    ["the largest doubles", -1.7e308, 1.7e308, { pred: -32 * 16_384, truth: 31 * 16_384, width: 16_384 }],
  ])("%s", (_, yPred, yTrue, square) => {
    expect(squareOf(cellOf(yPred, yTrue, GRID))).toEqual(square);
  });

  test.each([
    ["small", 1.5, -1, { pred: 1.5, truth: -1, width: 0.0625 }],
    ["of different sizes", 101, 0.5, { pred: 100, truth: 0, width: 4 }],
    ["zero", 0, 0, { pred: 0, truth: 0, width: 2 ** -1000 }],
    ["tiny", 5e-324, 0, { pred: 0, truth: 0, width: 2 ** -1000 }],
    ["the largest double", 1.7976931348623157e308, 0, { pred: 31 * 2 ** 1019, truth: 0, width: 2 ** 1019 }],
  ])("without a grid is as wide as the values are large: %s", (_, yPred, yTrue, square) => {
    expect(squareOf(cellOf(yPred, yTrue))).toEqual(square);
  });

  test("holds the pair, unless that is beyond all cells", () => {
    // A product with the smallest doubles may be rounded to zero.
    const value = fc.double({ min: -1e5, max: 1e5, noNaN: true }).map((each) => (Math.abs(each) < 1e-300 ? 0 : each));
    fc.assert(
      fc.property(value, value, fc.constantFrom(GRID, undefined), (yPred, yTrue, grid) => {
        const { pred, truth, width } = squareOf(cellOf(yPred, yTrue, grid));
        expect([pred <= yPred, yPred < pred + width, truth <= yTrue, yTrue < truth + width]).toEqual([true, true, true, true]);
      }),
    );
  });
});

describe("counts of pairs", () => {
  const value = fc.oneof(fc.double({ min: -500, max: 500, noNaN: true }), fc.constantFrom(0, 1e9, -1e300, 1.7e308));
  const pairs = fc.array(fc.tuple(value, value, fc.constantFrom(GRID, undefined, pairGrid(0, 100))), { maxLength: 40 });
  type Given = [number, number, PairGrid | undefined][];

  const countsOf = (given: Given) => {
    const cells = new PairCells();
    for (const [yPred, yTrue, grid] of given) cells.add(cellOf(yPred, yTrue, grid));
    return cells;
  };

  test("are the same in any order, in parts, and when they were read back", () => {
    fc.assert(
      fc.property(pairs, pairs, (some, others) => {
        const [merged, added, run] = [new PairCells(), new PairCells(), new NewPairs()];
        merged.merge(countsOf(others.toReversed()).save());
        merged.merge(countsOf(some).save());
        for (const part of [some, others]) {
          for (const [yPred, yTrue, grid] of part) run.add(cellOf(yPred, yTrue, grid));
          run.addTo(added);
          run.clear();
        }
        const whole = countsOf([...some, ...others]).save();
        expect(merged.save()).toEqual(whole);
        expect(added.save()).toEqual(whole);
      }),
    );
  });

  test("have no trace of a pair that was taken out", () => {
    fc.assert(
      fc.property(pairs, fc.tuple(value, value), (given, [yPred, yTrue]) => {
        const cells = countsOf(given);
        for (const times of [1, -1]) cells.add(cellOf(yPred, yTrue, GRID), times);
        expect(cells.save()).toEqual(countsOf(given).save());
      }),
    );
  });

  test("are kept as runs behind the number of their first cell", () => {
    const cells = countsOf([
      [150, 150, GRID],
      [150, 150, GRID],
      [158, 150, GRID],
      [150, 158, GRID],
    ]);
    expect(cells.save()).toEqual([
      {
        exponent: 3,
        origin: -14,
        runs: [
          [32 * 64 + 32, 2, 1],
          [33 * 64 + 32, 1],
        ],
      },
    ]);
  });
});
