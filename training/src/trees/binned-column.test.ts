import fc from "fast-check";
import { expect, test } from "vitest";
import { binColumn } from "./binned-column.js";

test("few values have a bin each, with thresholds in the middle", () => {
  expect(binColumn(Float64Array.of(3, 1, 2, 1))).toEqual({ bins: Uint8Array.of(2, 0, 1, 0), thresholds: Float32Array.of(1.5, 2.5) });
});

test("a constant has one bin", () => {
  expect(binColumn(Float64Array.of(7, 7))).toEqual({ bins: Uint8Array.of(0, 0), thresholds: new Float32Array() });
});

test("of two neighbours in float32 the lower is the threshold", () => {
  const next = 1 + 2 ** -23;
  expect(binColumn(Float64Array.of(next, 1))).toEqual({ bins: Uint8Array.of(1, 0), thresholds: Float32Array.of(1) });
});

test("values that float32 cannot tell apart share a bin", () => {
  expect(binColumn(Float64Array.of(1, 1 + 1e-12, 2)).bins).toEqual(Uint8Array.of(0, 0, 1));
});

test("many values have bins of about as many rows", () => {
  const { bins, thresholds } = binColumn(Float64Array.from({ length: 10_000 }, (_, i) => i ** 3));
  const counts = new Map<number, number>();
  for (const bin of bins) counts.set(bin, (counts.get(bin) ?? 0) + 1);
  expect(thresholds).toHaveLength(249);
  expect(Math.max(...counts.values())).toBe(40);
});

test("the bin of a value is that of the thresholds, as float32 compares them", () => {
  const column = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 600 });
  fc.assert(
    fc.property(column, (values) => {
      const { bins, thresholds } = binColumn(Float64Array.from(values));
      for (const [row, value] of values.entries()) expect(bins[row]).toBe(thresholds.filter((threshold) => value > threshold).length);
    }),
  );
});
