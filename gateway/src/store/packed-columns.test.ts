import type { Column } from "@streamgauge/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packColumns, unpackColumns } from "./packed-columns.js";

const packed = (column: Column) => packColumns([["a", column]]);
const unpacked = (bytes: Buffer, rows: number) => [...(unpackColumns(bytes, rows).get("a") ?? [])];

test.each<[string, number[], number]>([
  ["whole numbers", [59, -32_767, 0], 2],
  ["numbers of few decimals", [32.1, 4.8598, 0], 4],
  ["large whole numbers", [2_147_483_647, -1], 4],
  ["singles", [Math.fround(0.1), Math.fround(Math.PI), Number.NaN], 4],
  ["doubles", [Math.PI, 0.1], 8],
  ["a negative zero", [-0, 1], 4],
  ["numbers beyond the largest whole one", [1e300, -1e-300, Number.MAX_SAFE_INTEGER], 8],
])("%s are kept exactly, in as few bytes as that takes", (_, values, bytes) => {
  const kept = packed(Float64Array.from(values));
  expect(unpacked(kept, values.length)).toEqual(values);
  const head = kept.readUInt32LE();
  expect(kept.length - 4 - head).toBe(bytes * values.length);
});

test("any numbers are the same afterwards", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.double(),
          fc.integer(),
          fc.float(),
          fc.integer().map((n) => n / 1_000),
        ),
        { minLength: 1 },
      ),
      (values) => {
        expect(unpacked(packed(Float64Array.from(values)), values.length)).toEqual(values);
      },
    ),
  );
});

test("texts, missing values and strange names are kept beside numbers", () => {
  const columns: [string, Column][] = [
    ["__proto__", Float64Array.of(1, 2)],
    ["a", ["x", "\0ü"]],
    ["", [null, "\ud800"]],
    ["b", Float64Array.of(0.5, -7)],
  ];
  expect([...unpackColumns(packColumns(columns), 2)]).toEqual(columns);
});
