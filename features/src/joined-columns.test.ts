import { writtenColumns, type Cell, type WrittenColumns } from "@streamgauge/core";
import { expect, test } from "vitest";
import { joinedColumns } from "./joined-columns.js";

function piece(...cells: Cell[]): WrittenColumns {
  return writtenColumns([["a", cells]]);
}

test.each<[what: string, parts: WrittenColumns[], joined: WrittenColumns]>([
  [
    "of Python's floats are such",
    [piece("59.0", 0.5), piece("48.0")],
    { columns: new Map([["a", Float64Array.of(59, 0.5, 48)]]), pythonFloats: new Set(["a"]) },
  ],
  [
    "of Python's floats and of numbers that it would spell so are such",
    [piece(0.25), piece("59.0", 0.5), piece(null, 0.125)],
    { columns: new Map([["a", [0.25, 59, 0.5, null, 0.125]]]), pythonFloats: new Set(["a"]) },
  ],
  ["of both spellings are spelled out", [piece("59.0", 0.5), piece(48)], { columns: new Map([["a", ["59.0", 0.5, 48]]]) }],
  ["of Python's floats and texts are spelled out", [piece("59.0"), piece("red")], { columns: new Map([["a", ["59.0", "red"]]]) }],
  ["of whole numbers are numbers", [piece(1), piece(2, 3)], { columns: new Map([["a", Float64Array.of(1, 2, 3)]]) }],
  [
    "that need no spelling are numbers even if Python wrote rows beside them",
    [{ columns: new Map([["a", Float64Array.of(0.5)]]), pythonFloats: new Set(["a"]) }, piece(48)],
    { columns: new Map([["a", Float64Array.of(0.5, 48)]]) },
  ],
])("pieces %s", (_what, parts, joined) => {
  expect(joinedColumns(parts)).toEqual(joined);
});

test("frames of one dataset share the names of their columns", () => {
  const one = piece("59.0");
  expect(joinedColumns([one, one]).pythonFloats).toBe(one.pythonFloats);
});
