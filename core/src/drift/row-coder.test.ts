import fc from "fast-check";
import { expect, test } from "vitest";
import { numberBins, numberCodes } from "./feature-bins.js";
import { referenceOf, type Values } from "./reference.js";
import { RowCoder } from "./row-coder.js";

const reference = referenceOf(
  4,
  new Map<string, Values>([
    ["x", Float64Array.of(1, 2, 2, 3)],
    ["city", ["Rome", "Rome", "Oslo", "Oslo"]],
  ]),
  Float64Array.of(10, 20, 20, 30),
);

test("codes of rows: missing, below, in a bin, above; texts that are known or not", () => {
  const coder = new RowCoder(reference, ["city", "x"], []);
  expect(coder.layout.text).toMatch(/^[0-9a-f]{12} n6 t5 y6$/);
  const columns = [["Rome", "Mars", "", "Oslo"], Float64Array.of(Number.NaN, -5, 2, 99)];
  const { bytes, unseen } = coder.codesOf(columns, Float64Array.of(9, 10, 20, Infinity));
  expect(Array.from({ length: 4 }, (_, row) => [...bytes.subarray(3 * row, 3 * row + 3)])).toEqual([
    [0, 4, 1],
    [1, 2, 2],
    [3, 0, 3],
    [5, 3, 5],
  ]);
  expect(unseen).toEqual([null, '["Mars"]', null, null]);
});

test("a feature that is not chosen has no code, and one that the model does not take is missing", () => {
  expect(new RowCoder(reference, ["x", "city"], ["city"]).layout.text).toMatch(/ t5 y6$/);
  const { bytes } = new RowCoder(reference, ["city"], []).codesOf([["Oslo"]], Float64Array.of(20));
  expect([...bytes]).toEqual([0, 3, 3]);
});

test("of an unseen text the first 64 characters travel", () => {
  const { unseen } = new RowCoder(reference, ["x", "city"], []).codesOf([Float64Array.of(1), ["😀".repeat(100)]], Float64Array.of(20));
  expect(unseen).toEqual([JSON.stringify(["😀".repeat(64)])]);
});

test("numbers have the bins that the reference counted them in", () => {
  const numbers = fc.array(fc.oneof(fc.double(), fc.integer({ min: -9, max: 9 })), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(numbers, numbers, (made, seen) => {
      const bins = numberBins(Float64Array.from(made));
      if (bins === undefined) return;
      const values = Float64Array.from(seen);
      const coder = new RowCoder(referenceOf(made.length, new Map([["x", Float64Array.from(made)]])), ["x"], []);
      expect(coder.codesOf([values], new Float64Array(seen.length)).bytes).toEqual(numberCodes(bins, values));
    }),
  );
});
