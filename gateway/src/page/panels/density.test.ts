import type { PairDensity } from "@streamgauge/core/windows";
import { expect, test } from "vitest";
import { reportContent } from "../../testing/report-content.js";
import { densityOf, fullestCells, noteOf } from "./density.js";

const MONDAY = Date.UTC(2026, 0, 5);
const DENSITY: PairDensity = {
  model: null,
  rows: 1_204,
  outside: 4,
  from: -8,
  width: 8,
  side: 3,
  cells: [
    [0, 0, 100],
    [1, 2, 1_000],
    [2, 1, 100],
  ],
};

test("the fullest cells are listed by their edges", () => {
  expect(fullestCells(DENSITY, 2)).toEqual([
    ["0 to 8", "8 to 16", "1,000"],
    ["−8 to 0", "−8 to 0", "100"],
  ]);
});

test.each([
  [DENSITY, "", "1,200 labelled rows of 1,204: the others lie apart, or came first and are known less finely."],
  [{ ...DENSITY, rows: 1, outside: 0 }, "m@1", "1 labelled row."],
  [undefined, "", "There is none yet: it needs labels."],
  [undefined, "m@9", "There is none: it is kept of the five versions with the most rows."],
])("a density says which rows it has", (density, model, text) => {
  expect(noteOf(density, model)).toBe(text);
});

test("the density is that of the chosen version; the only version is all", () => {
  const one = { size: "1h" as const, start: MONDAY, errors: [1, 2], model: "m@1" };
  const { summary: only } = reportContent([one]);
  const { summary: both } = reportContent([one, { ...one, start: MONDAY + 3_600_000, errors: [3], model: "m@2" }]);
  const rowsOf = (summary: typeof only, model: string) => densityOf(summary, model)?.rows;
  expect([rowsOf(only, ""), rowsOf(only, "m@1"), rowsOf(only, "m@2")]).toEqual([2, 2, undefined]);
  expect([rowsOf(both, ""), rowsOf(both, "m@1"), rowsOf(both, "m@2")]).toEqual([3, 2, 1]);
  expect(rowsOf(null, "")).toBeUndefined();
});
