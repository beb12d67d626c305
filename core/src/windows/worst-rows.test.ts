import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { certainOf, WorstRows, type WorstRow } from "./worst-rows.js";

function row(line: number, peak: number, more: Partial<WorstRow> = {}): WorstRow {
  return { id: `row-${line}`, line, eventTime: 0, model: "m@1", first: 0, yTrue: 0, yPred: peak, peak, ...more };
}

function linesOf(rows: WorstRows): number[] {
  return rows.save().map(({ line }) => line);
}

test("the ten rows with the largest errors are kept, the worst first; of equal ones those logged first", () => {
  const rows = new WorstRows();
  for (const [line, error] of [3, 9, 9, 1, 7, 9, 2, 4, 4, 8, 1, 6, 5].entries()) rows.offer(row(line, error));
  expect(linesOf(rows)).toEqual([1, 2, 5, 9, 4, 11, 12, 7, 8, 0]);
  expect(rows.floor).toBe(3);
});

test("there is room for any row until there are ten", () => {
  const rows = new WorstRows();
  for (let line = 0; line < 9; line += 1) rows.offer(row(line, 0));
  expect(rows.floor).toBe(-1);
  rows.offer(row(9, 0));
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
  for (let line = 0; line < 14; line += 1) rows.offer(row(line, line));
  rows.offer(row(2, 100));
  expect(linesOf(rows)).toEqual([2, 13, 12, 11, 10, 9, 8, 7, 6, 5]);
});

describe("rows that are missing among the worst ones", () => {
  test("are those of other parts too, and only rows with larger errors are certain", () => {
    const rows = new WorstRows();
    rows.merge([row(0, 8), row(1, 6)], 5);
    rows.merge([row(2, 7), row(3, 4), row(4, 5)]);
    expect([linesOf(rows), rows.missing]).toEqual([[0, 2, 1, 4, 3], 5]);
    expect(certainOf(rows.save(), rows.missing)).toEqual([row(0, 8), row(2, 7), row(1, 6)]);
    expect(certainOf(rows.save(), NaN)).toHaveLength(5);
  });

  test("no longer matter when ten rows have larger errors", () => {
    const rows = new WorstRows();
    rows.miss(5);
    rows.miss(2);
    for (let line = 0; line < 10; line += 1) rows.offer(row(line, line === 0 ? 5 : 6));
    expect(rows.missing).toBe(5);
    rows.offer(row(10, 5.5));
    expect(rows.missing).toBeNaN();
    rows.miss(5);
    expect(rows.missing).toBeNaN();
  });
});

test("errors beyond the largest double are the largest, in the order of the log", () => {
  const rows = new WorstRows();
  for (const [line, error] of [1, Infinity, 1e308, Infinity].entries()) rows.offer(row(line, error));
  expect(linesOf(rows)).toEqual([1, 3, 2, 0]);
});

test("neither the order of the labels matters nor in which parts the rows were added", () => {
  const error = fc.constantFrom(0, 1, 2, 3, 4, 5, Infinity);
  const errors = fc.array(fc.array(error, { minLength: 1, maxLength: 3 }), { maxLength: 25 });
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
        .slice(0, 10);
      for (const rows of [inOrder, mixed, parts]) expect(rows.save().map(({ line, peak }) => ({ line, peak }))).toEqual(expected);
    }),
  );
});
