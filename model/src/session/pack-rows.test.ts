import { expect, it } from "vitest";
import { packRows } from "./pack-rows.js";

const columns = [Float64Array.of(1, 2, 9), Float64Array.of(3, 4, 9), Float64Array.of(5, 0.1, 9)];

it.each([
  [1, [1, 2]],
  [2, [1, 3, 2, 4]],
  [3, [1, 3, 5, 2, 4, Math.fround(0.1)]],
])("puts %i columns side by side, row after row, in float32", (width, expected) => {
  const into = new Float32Array(2 * width);
  packRows(columns.slice(0, width), 2, into);
  expect([...into]).toEqual(expected);
});

it("leaves what is beyond the rows as it was", () => {
  const into = new Float32Array(4).fill(7);
  packRows(columns.slice(0, 2), 1, into);
  expect([...into]).toEqual([1, 3, 7, 7]);
});
