import { expect, test } from "vitest";
import { LineMarks } from "./line-marks.js";

/** Marks of lines of 10 bytes, from line `first` on. */
function marksOf(first: number, count: number): LineMarks {
  const marks = new LineMarks(first);
  for (let line = first; line < first + count; line += 1) marks.add(line, 10 * line);
  return marks;
}

test.each([
  [70, 7, 70],
  [1_349, 7, 70],
  [1_350, 135, 1_350],
  [9_999, 903, 9_030],
])("the mark before byte %d is line %d at byte %d", (offset, line, at) => {
  expect(marksOf(7, 1_000).before(offset)).toEqual({ line, offset: at });
});

test("there is none before the first line", () => {
  expect(marksOf(7, 1_000).before(69)).toBeUndefined();
  expect(new LineMarks(0).before(5)).toBeUndefined();
});

test("marks of dropped lines are forgotten, those of kept lines are not", () => {
  const marks = marksOf(7, 1_000);
  marks.dropBefore(400);

  expect(marks.before(4_000)).toEqual({ line: 391, offset: 3_910 });
  expect(marks.before(3_909)).toBeUndefined();
  for (let line = 1_007; line < 1_100; line += 1) marks.add(line, 10 * line);
  expect(marks.before(10_999)).toEqual({ line: 1_031, offset: 10_310 });
});
