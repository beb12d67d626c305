import fc from "fast-check";
import { expect, test } from "vitest";
import { WorstRows, type WorstRow } from "./worst-rows.js";

function row(line: number, peak: number, more: Partial<WorstRow> = {}): WorstRow {
  return { id: `row-${line}`, line, eventTime: 0, model: "m@1", first: 0, yTrue: 0, yPred: peak, peak, ...more };
}

function linesOf(rows: WorstRows): number[] {
  return rows.save().map(({ line }) => line);
}

test("the five rows with the largest errors are kept, the worst first; of equal ones those logged first", () => {
  const rows = new WorstRows();
  for (const [line, error] of [3, 9, 9, 1, 7, 9, 2].entries()) rows.offer(row(line, error));
  expect(linesOf(rows)).toEqual([1, 2, 5, 4, 0]);
  expect(rows.floor).toBe(3);
});

test("there is room for any row until there are five", () => {
  const rows = new WorstRows();
  for (let line = 0; line < 4; line += 1) rows.offer(row(line, 0));
  expect(rows.floor).toBe(-1);
  rows.offer(row(4, 0));
  expect(rows.floor).toBe(0);
});

test("a corrected row keeps its rank, and has its label in force", () => {
  const rows = new WorstRows();
  rows.offer(row(0, 1_000));
  rows.offer(row(1, 5));
  rows.offer(row(0, 2, { yTrue: 998 }));
  expect(rows.save()).toEqual([row(0, 1_000, { yTrue: 998, yPred: 2 }), row(1, 5)]);
});

test("a correction may bring in a row that had no place", () => {
  const rows = new WorstRows();
  for (let line = 0; line < 9; line += 1) rows.offer(row(line, line));
  rows.offer(row(2, 100));
  expect(linesOf(rows)).toEqual([2, 8, 7, 6, 5]);
});

test("errors beyond the largest double are the largest, in the order of the log", () => {
  const rows = new WorstRows();
  for (const [line, error] of [1, Infinity, 1e308, Infinity].entries()) rows.offer(row(line, error));
  expect(linesOf(rows)).toEqual([1, 3, 2, 0]);
});

test("neither the order of the labels matters nor in which parts the rows were added", () => {
  const error = fc.constantFrom(0, 1, 2, 3, 4, 5, Infinity);
  const errors = fc.array(fc.array(error, { minLength: 1, maxLength: 3 }), { maxLength: 12 });
  fc.assert(
    fc.property(errors, fc.infiniteStream(fc.nat()), (given, numbers) => {
      const labels = given.flatMap((each, line) => each.map((peak) => row(line, peak, { yPred: 0 })));
      const shuffled = labels.map((label) => ({ label, at: numbers.next().value ?? 0 })).toSorted((one, other) => one.at - other.at);
      const [inOrder, mixed, parts] = [new WorstRows(), new WorstRows(), new WorstRows()];
      for (const label of labels) inOrder.offer(label);
      for (const { label } of shuffled) mixed.offer(label);
      for (const half of [0, 1]) {
        const part = new WorstRows();
        for (const label of labels) if (label.line % 2 === half) part.offer(label);
        parts.merge(part.save());
      }
      const expected = given
        .map((each, line) => ({ line, peak: Math.max(...each) }))
        .toSorted((one, other) => (one.peak === other.peak ? one.line - other.line : one.peak > other.peak ? -1 : 1))
        .slice(0, 5);
      for (const rows of [inOrder, mixed, parts]) expect(rows.save().map(({ line, peak }) => ({ line, peak }))).toEqual(expected);
    }),
  );
});
