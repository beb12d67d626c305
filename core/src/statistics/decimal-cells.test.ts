import fc from "fast-check";
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
  expect(cells.valuesAt([0, 1, 2, 3, 4])).toEqual([0, 1.50025, 1.50075, 70.005, NaN]);
});

test("a cell is a thousandth of the decade wide", () => {
  expect([0.5, 1, 9.9, 150].map((value) => cellExponentAt(value))).toEqual([-4, -3, -3, -1]);
});

test("Infinity is the last value, and no finite cell", () => {
  const cells = cellsOf([Infinity, 1, Infinity]);
  expect(cells.valuesAt([0, 1, 2, 3])).toEqual([1.0005, Infinity, Infinity, NaN]);
  expect([...cells.cells()]).toEqual([{ mantissa: 1000, exponent: -3, count: 1 }]);
});

test("what was saved is merged into what is there, as if all had been added", () => {
  const anyValue = fc.oneof(fc.double({ min: 0, noNaN: true }), fc.constantFrom(0, Infinity, 0.3, 5e-324));
  fc.assert(
    fc.property(fc.array(anyValue), fc.array(anyValue), (some, others) => {
      const merged = cellsOf(some);
      merged.merge(JSON.parse(JSON.stringify(cellsOf(others).save())));
      expect(merged.save()).toEqual(cellsOf([...others, ...some]).save());
    }),
  );
});

test("a value is in the cell whose edges hold it, at every magnitude", () => {
  const anyValue = fc.oneof(
    fc.double({ min: 1e-300, max: 1.7e308, noNaN: true }),
    fc
      .tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: -290, max: 300 }))
      .map(([digits, exponent]) => Number(`${digits}e${exponent}`)),
  );
  fc.assert(
    fc.property(anyValue, (value) => {
      const [{ mantissa = 0, exponent = 0 } = {}] = cellsOf([value]).cells();
      expect(mantissa).toBeGreaterThanOrEqual(1000);
      expect(mantissa).toBeLessThanOrEqual(9999);
      expect(Number(`${mantissa}e${exponent}`)).toBeLessThanOrEqual(value);
      expect(Number(`${mantissa + 1}e${exponent}`)).toBeGreaterThan(value);
    }),
    { numRuns: 1_000 },
  );
});
